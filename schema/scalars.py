"""Scalars of the schema: exact, validated text."""

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

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CURRENCY = re.compile(r"[A-Z]{3}")
DATE_TIME: Any = DEFAULT_SCALAR_REGISTRY[datetime]
FIRST_YEAR, LAST_YEAR = 1900, 2199


def parse_language(value: object) -> str:
    """A BCP 47 language tag as given."""
    if not isinstance(value, str) or not LANGUAGE.fullmatch(value):
        msg = f"a LanguageCode is a BCP 47 tag such as de or en-GB, not {value!r}"
        raise GraphQLError(msg)
    return value


def parse_currency(value: object) -> str:
    """An ISO 4217 code as given."""
    if not isinstance(value, str) or not CURRENCY.fullmatch(value):
        msg = f"a CurrencyCode is three capital letters (ISO 4217), not {value!r}"
        raise GraphQLError(msg)
    return value


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


LanguageCode = NewType("LanguageCode", str)
CurrencyCode = NewType("CurrencyCode", str)
LocalTime = NewType("LocalTime", str)

SCALARS: dict[object, ScalarDefinition] = {
    LanguageCode: strawberry.scalar(
        name="LanguageCode",
        description="A language as a BCP 47 tag, e.g. `de` or `en-GB`.",
        specified_by_url="https://www.rfc-editor.org/info/bcp47",
        serialize=str,
        parse_value=parse_language,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency as an ISO 4217 code, e.g. `EUR`.",
        serialize=str,
        parse_value=parse_currency,
    ),
    LocalTime: strawberry.scalar(
        name="LocalTime",
        description="A time on the wall clock, e.g. `11:30`; with seconds where it has some.",
        serialize=str,
        parse_value=str,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant (ISO 8601), with its offset from UTC.",
        serialize=DATE_TIME.serialize,
        parse_value=parse_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number as text, with the scale that is stored and no exponent.",
        serialize=plain_decimal,
        parse_value=DEFAULT_SCALAR_REGISTRY[Decimal].parse_value,
    ),
}
