"""Single values of records, checked: a refusal names the rule and the value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync.targets import Refused

MAX_AMOUNT = Decimal(10) ** 11
MAX_WHOLE = 2**31 - 1
MAX_LANGUAGE = 8
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PICTURE = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def money(rule: str, amount: Decimal | None) -> str | None:
    """An exact decimal as JSON text; refuses what the store cannot hold."""
    if amount is None:
        return None
    if not amount.is_finite():
        raise Refused(f"{rule} must be a finite number", str(amount))
    if amount < 0:
        raise Refused(f"{rule} must not be negative", str(amount))
    if amount >= MAX_AMOUNT:
        raise Refused(f"{rule} must be below {MAX_AMOUNT}", str(amount))
    if amount != round(amount, 4):
        raise Refused(f"{rule} must have at most 4 decimals", str(amount))
    return format(amount, "f")


def whole(rule: str, number: int) -> int:
    """A number that counts, from 0 to 2147483647."""
    if not 0 <= number <= MAX_WHOLE:
        raise Refused(f"{rule} must be between 0 and {MAX_WHOLE}", number)
    return number


@cache
def values_of(choices: Any) -> frozenset[str]:
    """The values of choices: Django lists them anew each time."""
    return frozenset(choices.values)


def choice(rule: str, value: str | None, choices: Any) -> str | None:
    """``value`` if it is None or one of ``choices``."""
    if value is not None and value not in values_of(choices):
        raise Refused(f"{rule} must be one of {', '.join(choices.values)}", value)
    return value


def choices(rule: str, values: tuple[str, ...] | None, allowed: Any) -> list[str] | None:
    """``values`` without repetition, in order, if each is one of ``allowed``."""
    if values is None:
        return None
    for value in values:
        choice(rule, value, allowed)
    return list(dict.fromkeys(values))


def instant(value: datetime | None) -> str | None:
    """An aware instant as JSON text."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise Refused("a time must carry its UTC offset", value.isoformat())
    return value.isoformat()


def timezone(name: str) -> str:
    """The name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("timezone must be an IANA name", name) from error
    return name


def language(tag: str) -> str:
    """A language tag that the store has room for."""
    if len(tag) > MAX_LANGUAGE or not LANGUAGE.fullmatch(tag):
        raise Refused(f"language must be a BCP 47 tag of at most {MAX_LANGUAGE} characters", tag)
    return tag


def pictures(urls: Iterable[str]) -> list[str]:
    """Addresses of pictures without repetition, in order."""
    for url in urls:
        if not PICTURE.fullmatch(url):
            raise Refused("media must be http or https URLs", url)
    return list(dict.fromkeys(urls))
