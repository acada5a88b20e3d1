"""How a leaf value becomes its JSON value, exactly as graphql-core completes it.

GraphQL specification, section 6.4.3 (Value Completion). Whatever graphql-core would report raises, so that the
operation is run again on the resolver path, which reports it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

from loaders.scalars import plain_decimal
from plans.errors import Deopt, NotCompilable

Complete = Callable[[Any], Any]

ISO = methodcaller("isoformat").__reduce__()

EXACT_TYPES: dict[Any, str] = {
    GraphQLString: "type({v}) is str",
    GraphQLID: "type({v}) is str",
    GraphQLBoolean: "type({v}) is bool",
    GraphQLInt: "type({v}) is int and -2147483648 <= {v} <= 2147483647",
}
"""GraphQL's own scalars, and which values they print as they are."""

UTC_DATETIME = "type({v}) is datetime and {v}.tzinfo is UTC"
"""Instants as lanes load them. Of other zones orjson would round odd offsets."""


@dataclass(frozen=True, slots=True)
class Completion:
    """How a value that is not None completes.

    complete: the function, None for a value that is printed as it is. unless: a condition on ``{v}`` (and ``{known}``)
    under which it is printed as it is, to save the call. native: orjson writes the value as ``complete`` would, under
    the same condition if there is one.
    """

    nullable: bool
    complete: Complete | None
    unless: str | None = None
    known: Any = None
    native: bool = False


class EnumNames(dict[Any, Any]):
    """Stored value -> name of the enum value; unknown values raise as graphql-core does."""

    def __init__(self, enum_type: GraphQLEnumType) -> None:
        super().__init__()
        self._coerce = enum_type.coerce_output_value

    def __missing__(self, value: Any) -> Any:
        name = self[value] = complete_leaf(self._coerce)(value)
        return name


def completion(type_: GraphQLOutputType, kind: str | None) -> Completion:
    """How values of that kind (see ``plans.kinds``; None: a computed value, or unknown) complete as ``type_``."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLScalarType):
        return scalar(inner, kind, nullable=nullable)
    if isinstance(inner, GraphQLList):
        return listed(inner, kind, nullable=nullable)
    return Completion(nullable, present(inner))


def scalar(type_: GraphQLScalarType, kind: str | None, *, nullable: bool) -> Completion:
    """A scalar of a column's kind."""
    coerce = type_.coerce_output_value
    complete = complete_leaf(coerce)
    if unchanged(type_, kind):
        return Completion(nullable, None)
    if kind in {"datetime", "date"} and is_iso(coerce):
        return Completion(nullable, complete, native=True)
    if kind is None and is_iso(coerce):
        return Completion(nullable, complete, unless=UTC_DATETIME, native=True)
    if kind in {None, "int32", "int64"}:
        return Completion(nullable, complete, unless=EXACT_TYPES.get(type_))
    return Completion(nullable, complete)


def unchanged(type_: GraphQLScalarType, kind: str | None) -> bool:
    """Whether every value of that kind (``text``: see ``printed_as_text``) is printed as it is."""
    coerce = type_.coerce_output_value
    if kind == "text":
        return True
    if kind == "str":
        return type_ in (GraphQLString, GraphQLID) or coerce is str
    return kind == "bool" and type_ is GraphQLBoolean


def printed_as_text(type_: GraphQLOutputType, kind: str | None) -> bool:
    """Whether PostgreSQL's own text of a value of that kind is what the scalar prints: UUIDs, exact decimals."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if not isinstance(inner, GraphQLScalarType):
        return False
    coerce = inner.coerce_output_value
    return (kind == "uuid" and coerce is str) or (kind == "decimal" and coerce is plain_decimal)


def listed(type_: GraphQLList[Any], kind: str | None, *, nullable: bool) -> Completion:
    """A list of leaves, passed on whole where each of its elements would be."""
    complete = complete_list(type_.of_type)
    element = type_.of_type.of_type if isinstance(type_.of_type, GraphQLNonNull) else type_.of_type
    if kind == "list of str":
        if isinstance(element, GraphQLEnumType):
            same = {name for name, value in element.values.items() if stored(value.value) == name}
            return Completion(nullable, complete, unless="{known}.issuperset({v})", known=frozenset(same))
        if isinstance(element, GraphQLScalarType) and unchanged(element, "str"):
            return Completion(nullable, complete, unless="None not in {v}")
    return Completion(nullable, complete)


def stored(value: Any) -> Any:
    """An enum value as the store has it."""
    return getattr(value, "value", value)


def is_iso(coerce: Complete) -> bool:
    """Whether a scalar prints ``value.isoformat()``."""
    return isinstance(coerce, methodcaller) and coerce.__reduce__() == ISO


def present(type_: GraphQLOutputType) -> Complete:
    """Completes a value that is not None."""
    if isinstance(type_, GraphQLEnumType):
        return EnumNames(type_).__getitem__
    if isinstance(type_, GraphQLScalarType):
        return complete_leaf(type_.coerce_output_value)
    if isinstance(type_, GraphQLList):
        return complete_list(type_.of_type)
    raise NotCompilable(f"a value of the type {type_} that is not rows of a fetch")


def complete_leaf(coerce: Complete) -> Complete:
    """A leaf's own coercion; a null that it makes is an error."""

    def complete(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Deopt("a leaf value that does not serialise")
        return coerced

    return complete


def complete_list(type_: GraphQLOutputType) -> Complete:
    """Every element, in order; a null element only where the schema takes one."""
    nullable = not isinstance(type_, GraphQLNonNull)
    element = present(type_.of_type if isinstance(type_, GraphQLNonNull) else type_)

    def complete(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise Deopt("a list field whose value is not a list")
        if None not in value:
            return [element(item) for item in value]
        if not nullable:
            raise Deopt("a null in a list that takes none")
        return [None if item is None else element(item) for item in value]

    return complete
