"""Values as suppliers write them: texts, numbers, times. Numbers with a fraction are ``Decimal``."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
NO_DECIMALS = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF")
THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DECIMALS = {**dict.fromkeys((*NO_DECIMALS, "XOF", "XPF"), 0), **dict.fromkeys(THREE_DECIMALS, 3)}
"""Decimals of currencies that do not have two (ISO 4217, table A.1)."""
MOST_DECIMALS = 12
SHOWN = 120
PLAIN_DIGITS = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Refusal(Exception):
    """A value that a function cannot read."""


def shown(value: object) -> str:
    """``value`` as an operator reads it, shortened."""
    text = text_of(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def text_of(value: Any) -> str:
    """A text, a number or a truth value as text. Raises ``Refusal`` for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < PLAIN_DIGITS else str(value)
    if isinstance(value, (str, int)):
        return str(value)
    raise Refusal(f"neither text nor a number: {shown(value)}")


def plain(value: Any) -> str:
    """Raises ``Refusal`` for what is no text."""
    if not isinstance(value, str):
        raise Refusal(f"not a text: {shown(value)}")
    return value


def number_of(value: Any) -> Any:
    """An int or a ``Decimal``; None when ``value`` is no number."""
    if not isinstance(value, str):
        return value
    if not NUMBER.fullmatch(value):
        return None
    found = Decimal(value)
    return int(found) if found == found.to_integral_value() and "." not in value and "e" not in value.lower() else found


def decimal_of(value: Any) -> Decimal:
    """The exact number. Raises ``Refusal``."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise Refusal(f"not a number: {shown(value)}")
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        raise Refusal(f"not a number: {shown(value)}")
    try:
        return Decimal(value)
    except InvalidOperation as exc:
        raise Refusal(f"not a number: {shown(value)}") from exc


def decimal_marked(value: Any, mark: str) -> Decimal:
    """The number that a text writes with ``mark`` before its decimals. Raises ``Refusal``."""
    if mark not in {",", "."}:
        raise Refusal(f"the decimal mark is a comma or a point, not {mark!r}")
    grouping = "." if mark == "," else ","
    return decimal_of(re.sub(rf"[\s'_{grouping}]", "", text_of(value)).replace(mark, "."))


def from_minor_units(amount: Any, unit: Any) -> Decimal:
    """An amount in minor units, such as cents; ``unit`` is their currency, or its decimals. Raises ``Refusal``."""
    places = unit if isinstance(unit, int) else DECIMALS.get(text_of(unit), 2)
    whole = decimal_of(amount)
    if whole != whole.to_integral_value() or not 0 <= places <= MOST_DECIMALS:
        raise Refusal(f"an amount in minor units is a whole number, not {shown(amount)}")
    return whole.scaleb(-places)


def parsed(value: Any, form: str) -> datetime:
    """The time that ``value`` writes as ``form`` says (strptime). Raises ``Refusal``."""
    try:
        return datetime.strptime(text_of(value), form)  # noqa: DTZ007 - the caller gives it its zone
    except ValueError as exc:
        raise Refusal(f"{shown(value)} is not written as {form}") from exc


def from_iso(value: Any) -> datetime:
    """A time in ISO 8601. Raises ``Refusal``."""
    try:
        return datetime.fromisoformat(plain(value))
    except ValueError as exc:
        raise Refusal(f"not a time in ISO 8601: {shown(value)}") from exc


def aware(time: datetime, zone: str) -> datetime:
    """``time`` in UTC; one without an offset is local to ``zone``. Raises ``Refusal``."""
    try:
        return (time if time.tzinfo else time.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OverflowError, OSError) as exc:
        raise Refusal(f"no time zone: {shown(zone)}") from exc


def since_epoch(seconds: Decimal) -> str:
    """Seconds since 1970 as an instant. Raises ``Refusal``."""
    try:
        return (EPOCH + timedelta(microseconds=math.floor(seconds * 1_000_000))).isoformat()
    except (OverflowError, ValueError, ArithmeticError) as exc:
        raise Refusal(f"no instant: {shown(seconds)}") from exc


def truth(value: Any) -> bool:
    """Whether JMESPath takes ``value`` for true."""
    return not (value is None or value is False or value in ("", [], {}))
