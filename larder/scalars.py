"""Instants, decimals and large whole numbers as exact, validated text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from loaders.scalars import plain_decimal

DATE_TIME: Any = DEFAULT_SCALAR_REGISTRY[datetime]
WHOLE = re.compile(r"-?[0-9]{1,19}")
FIRST_YEAR, LAST_YEAR = 1900, 2199


def parse_instant(value: object) -> datetime:
    """An instant, as UTC. Without its offset from UTC a time is none."""
    at = DATE_TIME.parse_value(value)
    if not isinstance(at, datetime) or at.tzinfo is None:
        msg = f"a DateTime must carry its offset from UTC, as in 2026-03-29T12:00:00Z, unlike {value!r}"
        raise GraphQLError(msg)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        msg = f"a DateTime must be in the years {FIRST_YEAR} to {LAST_YEAR}, unlike {value!r}"
        raise GraphQLError(msg)
    return at.astimezone(UTC)


def parse_big(value: object) -> int:
    """A whole number of 64 bits out of its digits."""
    if not isinstance(value, str) or not WHOLE.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
        msg = f"a BigInt is a whole number of at most 64 bits as text, not {value!r}"
        raise GraphQLError(msg)
    return int(value)


BigInt = NewType("BigInt", int)

EXACT: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant (ISO 8601), with its offset from UTC.",
        serialize=DATE_TIME.serialize,
        parse_value=parse_instant,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 64 bits as text.",
        serialize=str,
        parse_value=parse_big,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number as text, with the scale that is stored and no exponent.",
        serialize=plain_decimal,
        parse_value=DEFAULT_SCALAR_REGISTRY[Decimal].parse_value,
    ),
}
