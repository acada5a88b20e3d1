"""The documents of eat-api, read strictly (tum-dev.github.io/eat-api, ``schemas/``).

What makes a document unreadable raises ``DocumentRefused``; what concerns one entry of it raises ``Unreadable``.
Numbers with a fraction become ``Decimal`` from their text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from sync.errors import DocumentRefused

T = TypeVar("T")

ANY = msgspec.json.Decoder(float_hook=Decimal)
SHOWN = 120
NUMBERS = {"latitude", "longitude", "quantity"}


class Unreadable(Exception):
    """One entry of a document breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = shown(value)


class Place(msgspec.Struct, frozen=True):
    """Where a canteen is."""

    address: str
    latitude: Decimal
    longitude: Decimal


class Canteen(msgspec.Struct, frozen=True):
    """An entry of ``/canteens.json``."""

    canteen_id: str
    name: str
    location: Place


class Label(msgspec.Struct, frozen=True):
    """An entry of ``/enums/labels.json``."""

    enum_name: str


class Day(msgspec.Struct, frozen=True):
    """A day of a week file: everything that the canteen sells on it."""

    date: date
    dishes: list[msgspec.Raw]


class Week(msgspec.Struct, frozen=True):
    """``/{canteen_id}/{year}/{week:02}.json``."""

    number: int
    year: int
    days: list[Day]


class Stock(msgspec.Struct, frozen=True):
    """An entry of ``/stock.json``."""

    canteen_id: str
    date: date
    name: str
    state: str
    until: datetime | None = None
    quantity: Decimal | None = None


def reader(shape: type[T]) -> Callable[[bytes], T]:
    """A function from a document's body to ``shape``."""
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> T:
        try:
            body.decode("utf-8")
            return decoder.decode(body)
        except UnicodeDecodeError as exc:
            raise DocumentRefused("a document must be UTF-8", exc.reason) from exc
        except msgspec.ValidationError as exc:
            raise DocumentRefused("a document must have the documented shape", exc) from exc
        except (msgspec.DecodeError, RecursionError) as exc:
            raise DocumentRefused("a document must be JSON", f"{exc}; it starts with {shown(body)}") from exc

    return read


read_entries = reader(list[msgspec.Raw])
read_week = reader(Week)
read_labels = reader(list[Label])


def read_entry(entry: msgspec.Raw) -> dict[str, Any]:
    """The object that one entry of a list is. Raises ``Unreadable``."""
    try:
        found = ANY.decode(entry)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("an entry must be readable", exc) from exc
    if not isinstance(found, dict):
        raise Unreadable("an entry must be an object", found)
    return found


def read_as(entry: dict[str, Any], shape: type[T]) -> T:
    """``entry`` as ``shape``. Raises ``Unreadable``."""
    refuse_numbers_as_text(entry)
    try:
        return msgspec.convert(entry, shape)
    except msgspec.ValidationError as exc:
        raise Unreadable("an entry must have the documented shape", exc) from exc


def refuse_numbers_as_text(entry: dict[str, Any]) -> None:
    """Raises ``Unreadable``: msgspec takes text for a Decimal, the supplier's schema does not."""
    for name, value in entry.items():
        if isinstance(value, dict):
            refuse_numbers_as_text(value)
        elif name in NUMBERS and isinstance(value, str):
            raise Unreadable(f"{name} must be a number", repr(value))


def shown(value: object) -> str:
    """``value`` as an operator reads it, shortened."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
