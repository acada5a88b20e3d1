"""The library's own scalar."""

from __future__ import annotations

from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition


def parse_big(value: object) -> int:
    if not isinstance(value, str) or not value.lstrip("-").isdecimal():
        raise GraphQLError(f"a BigInt is an integer as text, not {value!r}")
    return int(value)


BigInt = NewType("BigInt", int)

SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(name="BigInt", serialize=str, parse_value=parse_big),
}
