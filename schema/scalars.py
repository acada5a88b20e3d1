"""Scalars of the schema: exact, validated text."""

from __future__ import annotations

import re
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from larder.scalars import EXACT

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CURRENCY = re.compile(r"[A-Z]{3}")


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
    **EXACT,
}
