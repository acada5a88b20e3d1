"""The answers of Toast, read strictly: Menus V2 (``Metadata``, ``Restaurant``) and Stock V1 (``MenuItemInventory``).

What makes an answer unreadable raises ``DocumentRefused``; what concerns one thing in it raises ``Unreadable``.
Numbers with a fraction become ``Decimal`` from their text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from sync.errors import DocumentRefused

T = TypeVar("T")

ANY = msgspec.json.Decoder(float_hook=Decimal)
KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")
SHOWN = 120
PUBLISHED_RULE = "the restaurant must have published"


class Unreadable(Exception):
    """One thing in an answer breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = shown(value)


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """``GET /menus/v2/metadata``."""

    restaurant_guid: str
    last_updated: datetime


class Published(msgspec.Struct, frozen=True, rename="camel"):
    """``GET /menus/v2/menus``; everything below is read thing by thing, each menu when it is its turn."""

    restaurant_guid: str
    last_updated: datetime
    restaurant_time_zone: str
    menus: list[msgspec.Raw]
    modifier_group_references: dict[str, Any] = {}
    modifier_option_references: dict[str, Any] = {}


PUBLISHED = msgspec.json.Decoder(Published, float_hook=Decimal)


class Inventory(msgspec.Struct, frozen=True, rename="camel"):
    """A row of ``GET /stock/v1/inventory``."""

    status: str
    quantity: Any = None


def read_answer(body: bytes | None, shape: type[T]) -> T:
    """An answer as ``shape``. Raises ``DocumentRefused``, also for what is not there."""
    if body is None:
        raise DocumentRefused(PUBLISHED_RULE, "404")
    try:
        return msgspec.convert(decoded(ANY, body), shape)
    except msgspec.ValidationError as exc:
        raise DocumentRefused("a document must have the documented shape", exc) from exc


def read_published(body: bytes | None) -> Published:
    """A restaurant's menus. Raises ``DocumentRefused``, also for what is not there."""
    if body is None:
        raise DocumentRefused(PUBLISHED_RULE, "404")
    return decoded(PUBLISHED, body)


def read_menu(raw: msgspec.Raw) -> Any:
    """One menu, exact. Raises ``DocumentRefused``."""
    return decoded(ANY, raw)


def decoded(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """What ``body`` says. Raises ``DocumentRefused``."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as exc:
        raise DocumentRefused("a document must have the documented shape", exc) from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise DocumentRefused("a document must be JSON", f"{exc}; it starts with {shown(bytes(body))}") from exc


def of_restaurant(told: str, guid: str) -> None:
    """Raises ``DocumentRefused`` for an answer about another restaurant than the one that was asked about."""
    if told.lower() != guid:
        raise DocumentRefused("restaurantGuid must be the one that was asked about", f"{told} for {guid}")


def aware(instant: datetime) -> datetime:
    """An instant of the supplier. Raises ``DocumentRefused`` when nobody can tell which it is."""
    if instant.tzinfo is None:
        raise DocumentRefused("lastUpdated must carry its UTC offset", instant.isoformat())
    return instant


def thing(value: Any) -> dict[str, Any]:
    """A menu, group, item … as an object. Raises ``Unreadable``."""
    if not isinstance(value, dict):
        raise Unreadable("an entry must be an object", value)
    return value


def guid_of(value: Any, name: str = "guid") -> str:
    """The thing's own guid. Raises ``Unreadable``: without it nobody knows which thing it is."""
    guid = thing(value).get(name)
    if not isinstance(guid, str) or not KEY.fullmatch(guid):
        raise Unreadable(f"{name} must be letters, digits, - and _", repr(guid))
    return guid


def text(value: Mapping[str, Any], name: str) -> str:
    """A text that has to be there. Raises ``Unreadable``."""
    found = value.get(name)
    if not isinstance(found, str) or not found.strip():
        raise Unreadable(f"{name} must be text", repr(found))
    return found.strip()


def optional_text(value: Mapping[str, Any], name: str) -> str | None:
    """A text, None when it is absent or empty. Raises ``Unreadable``."""
    found = value.get(name)
    return None if found is None or found == "" else text(value, name)


def entries(value: Mapping[str, Any], name: str) -> list[Any]:
    """A list; absent or null is an empty one. Raises ``Unreadable``."""
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(f"{name} must be a list", found)
    return found


def word(value: Mapping[str, Any], name: str, otherwise: str) -> str:
    """One of the supplier's codes; ``otherwise`` when it is absent. Raises ``Unreadable``."""
    found = value.get(name)
    if found is None:
        return otherwise
    if not isinstance(found, str):
        raise Unreadable(f"{name} must be text", repr(found))
    return found


def number(value: Mapping[str, Any], name: str) -> Decimal | None:
    """A number, exact; None when it is absent. Its sign and size are the target's to judge. Raises ``Unreadable``."""
    found = value.get(name)
    if found is None or isinstance(found, Decimal):
        return found
    if isinstance(found, int) and not isinstance(found, bool):
        return Decimal(found)
    raise Unreadable(f"{name} must be a number", repr(found))


def whole(value: Mapping[str, Any], name: str) -> int | None:
    """A whole number, None when it is absent. Raises ``Unreadable``."""
    found = value.get(name)
    if found is None or (isinstance(found, int) and not isinstance(found, bool)):
        return found
    raise Unreadable(f"{name} must be a whole number", found if isinstance(found, Decimal) else repr(found))


def shown(value: object) -> str:
    """``value`` as an operator reads it, shortened."""
    read = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return read if len(read) <= SHOWN else f"{read[:SHOWN]}…"
