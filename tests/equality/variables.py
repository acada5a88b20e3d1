"""Argument values in an operation: as literals, or through variables in every way that the specification allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull
from orjson import dumps

from tests.equality.choices import Choices

USED = re.compile(r"\$(\w+)")


def literal(type_: Any, value: Any) -> str:
    """A JSON value as a GraphQL literal of that input type."""
    if value is None:
        return "null"
    if isinstance(type_, GraphQLNonNull):
        return literal(type_.of_type, value)
    if isinstance(type_, GraphQLList):
        many = isinstance(value, list)
        written = [literal(type_.of_type, element) for element in (value if many else [value])]
        return f"[{', '.join(written)}]" if many else written[0]
    if isinstance(type_, GraphQLInputObjectType):
        parts = [f"{name}: {literal(type_.fields[name].type, part)}" for name, part in value.items()]
        return f"{{{', '.join(parts)}}}"
    if isinstance(type_, GraphQLEnumType):
        return str(value)
    return dumps(value).decode()


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable."""

    type: str
    default: str | None = None
    purpose: str = ""

    def declaration(self, name: str) -> str:
        return f"${name}: {self.type}" + ("" if self.default is None else f" = {self.default}")


class Variables:
    """The variables of one operation. ``given``: values that go with the request."""

    def __init__(self, choose: Choices) -> None:
        self.choose = choose
        self.declared: dict[str, Variable] = {}
        self.given: dict[str, Any] = {}
        self._purpose = ""

    def declare(self, type_: str, default: str | None = None) -> str:
        name = f"v{len(self.declared)}"
        self.declared[name] = Variable(type_, default, self._purpose)
        return name

    def write(self, purpose: str, type_: Any, value: Any, *, sound: bool = True) -> str:
        """``value`` as the text of an argument; one that is not ``sound`` only as a variable, which nobody validates.

        purpose: variables are used again only for the same one.
        """
        choose, self._purpose = self.choose, purpose
        if not sound:
            return self._exactly(type_, value)
        known = [
            name
            for name, variable in self.declared.items()
            if variable.type == str(type_) and variable.purpose == purpose
        ]
        if known and choose.chance(25):
            return f"${choose.pick(known)}"
        ways = [(50, self._literal), (20, self._exactly), (5, self._by_default), (5, self._over_default)]
        if isinstance(value, list):
            ways.append((10, self._element_wise))
            ways.append((10 if len(value) == 1 else 0, self._coerced))
        if not isinstance(type_, GraphQLNonNull):
            ways.append((10, self._stricter))
        return choose.weighted(ways)(type_, value)

    def write_null(self, purpose: str, type_: Any, value: Any) -> str:
        """Null, or nothing at all, for a nullable argument that could have been ``value``."""
        self._purpose = purpose
        way = self.choose.below(4)
        if way == 0:
            return "null"
        name = self.declare(str(type_), literal(type_, value) if way == 1 else None)
        if way != 2:
            self.given[name] = None
        return f"${name}"

    def condition(self, *, value: bool) -> str:
        """A boolean for @skip and @include."""
        purpose = self._purpose = f"condition {value}"
        way = self.choose.below(4)
        if way == 0:
            return str(value).lower()
        known = [name for name, variable in self.declared.items() if variable.purpose == purpose]
        if known and way == 1:
            return f"${self.choose.pick(known)}"
        if way == 2:
            return f"${self.declare('Boolean', str(value).lower())}"
        name = self.declare("Boolean!", self.choose.pick([None, "true", "false"]))
        self.given[name] = value
        return f"${name}"

    def header(self, texts: list[str]) -> tuple[str, Mapping[str, Any]]:
        """The declarations of the variables that ``texts`` use, and their given values."""
        used = {name for text in texts for name in USED.findall(text)}
        kept = [variable.declaration(name) for name, variable in self.declared.items() if name in used]
        given = {name: value for name, value in self.given.items() if name in used}
        return (f"({', '.join(kept)})" if kept else ""), given

    def _literal(self, type_: Any, value: Any) -> str:
        return literal(type_, value)

    def _exactly(self, type_: Any, value: Any) -> str:
        name = self.declare(str(type_))
        self.given[name] = value
        return f"${name}"

    def _stricter(self, type_: Any, value: Any) -> str:
        return self._exactly(GraphQLNonNull(type_), value)

    def _by_default(self, type_: Any, value: Any) -> str:
        return f"${self.declare(nullable(type_), literal(type_, value))}"

    def _over_default(self, type_: Any, value: Any) -> str:
        default = value[:1] if isinstance(value, list) else value
        name = self.declare(self.choose.pick([nullable(type_), str(type_)]), literal(type_, default))
        self.given[name] = value
        return f"${name}"

    def _element_wise(self, type_: Any, value: Any) -> str:
        element = (type_.of_type if isinstance(type_, GraphQLNonNull) else type_).of_type
        written = [self._exactly(element, part) if self.choose.chance(40) else literal(element, part) for part in value]
        return f"[{', '.join(written)}]"

    def _coerced(self, type_: Any, value: Any) -> str:
        return self.choose.pick([self._exactly, self._literal])(type_, value[0])


def nullable(type_: Any) -> str:
    """The type without its outermost ``!``."""
    return str(type_).removesuffix("!")
