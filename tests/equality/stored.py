"""What a store holds that arguments can ask for: the only thing that the harness must be told about an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLArgument, GraphQLEnumType, GraphQLField, GraphQLList, GraphQLNonNull, get_named_type

PAGING = ("first", "after", "last", "before")
SIZES = (3, 2, 5, 1, 20, 4, 100, 7, 10, 6, 0)
BAD_SIZES = (-1, 101)
BAD_TEXTS = ("nobody", "", "ünknown-🥕", "0")
BUILT_IN: Mapping[str, Sequence[Any]] = {
    "Boolean": (True, False),
    "Int": (0, 1, 2, 3, 7, -1, 2**31 - 1),
    "Float": (0.5, 0.0, 3, 1e300),
    "String": ("a", "e", "nothing like it"),
    "ID": ("nobody",),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Cursors of one list, as it is with these arguments."""

    arguments: Mapping[str, Any]
    cursors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """Argument values (as JSON) that something in the store answers to.

    values: ``Type.field.argument``, or else the name of the argument's type -> values; for a list argument the values
    of its elements. pages: ``Type.field`` of a connection -> pages that were asked for.
    """

    values: Mapping[str, Sequence[Any]]
    pages: Mapping[str, Sequence[Page]] = field(default_factory=dict)

    def elements(self, parent: str, field_name: str, name: str, argument: GraphQLArgument) -> Sequence[Any]:
        """Values for an argument, or for the elements of a list argument."""
        if name in {"first", "last"}:
            return SIZES
        kind = get_named_type(argument.type)
        found = self.values.get(f"{parent}.{field_name}.{name}") or self.values.get(kind.name)
        if found:
            return found
        return tuple(kind.values) if isinstance(kind, GraphQLEnumType) else BUILT_IN[kind.name]

    def knows(self, parent: str, field_name: str, name: str, argument: GraphQLArgument) -> bool:
        """Whether there is any value for this argument."""
        try:
            return bool(self.elements(parent, field_name, name, argument))
        except KeyError:
            return False


def is_paged(definition: GraphQLField) -> bool:
    """Whether a field is a connection: it takes all four of Relay's arguments."""
    return all(name in definition.args for name in PAGING)


def takes_list(type_: Any) -> bool:
    """Whether an input type is a list."""
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)
