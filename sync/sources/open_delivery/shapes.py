"""The entities of a merchant, read strictly (Open Delivery v1.7.0, ``components.schemas``: Service to Availability).

A field of which a bad value concerns one row only is ``Any`` here, and judged where that row is made. Numbers with a
fraction become ``Decimal`` from their text. A null is a field that was left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec

SHOWN = 120
AVAILABLE, UNAVAILABLE = "AVAILABLE", "UNAVAILABLE"

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Links = list[Id] | None


class Unreadable(Exception):
    """One entity of a document breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = shown(value)


class Dangling(Unreadable):
    """A link leads to an entity that the document does not have."""


class Entity(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What has an id of its own among those of its type."""

    id: Id


class Service(Entity, frozen=True):
    """A way of selling, with the menu that is sold so."""

    status: Any = None
    service_type: Any = None
    menu_id: Any = None
    target_app_id: Any = None
    service_hours: Any = None


class Menu(Entity, frozen=True):
    """``category_id`` None: all categories."""

    name: Text
    category_id: Links = None


class Category(Entity, frozen=True):
    """``item_offer_id`` None: all item offers."""

    name: Text
    index: Any = None
    status: Any = None
    availability_id: Links = None
    item_offer_id: Links = None


class Item(Entity, frozen=True):
    """What an item offer or an option sells."""

    name: Text
    description: Any = None
    status: Any = None
    image: Any = None
    images: Any = None
    nutritional_info: Any = None
    unit: Any = None


class ItemOffer(Entity, frozen=True):
    """An item at a price."""

    item_id: Any = None
    index: Any = None
    status: Any = None
    price: Any = None
    availability_id: Links = None
    option_groups_id: Links = None


class Option(Entity, frozen=True):
    """An item at a price, as a choice of a group."""

    item_id: Any = None
    index: Any = None
    status: Any = None
    price: Any = None


class OptionGroup(Entity, frozen=True):
    """A choice to make."""

    name: Text
    index: Any = None
    status: Any = None
    min_permitted: Any = None
    max_permitted: Any = None
    price_method: Any = None
    options: list[msgspec.Raw] | None = None


class Availability(Entity, frozen=True):
    """When a category or an item offer is served."""

    start_date: Any = None
    end_date: Any = None
    hours: Any = None


class Named(msgspec.Struct, frozen=True):
    """Whatever has an id."""

    id: str


E = TypeVar("E", bound=Entity)

ANY = msgspec.json.Decoder(float_hook=Decimal)
NAMED = msgspec.json.Decoder(Named)
DECODERS: dict[type[Entity], msgspec.json.Decoder[Any]] = {
    shape: msgspec.json.Decoder(shape, float_hook=Decimal)
    for shape in (Service, Menu, Category, Item, ItemOffer, Option, OptionGroup, Availability)
}


def read_any(raw: msgspec.Raw | bytes) -> Any:
    """The value, exact. Raises ``Unreadable``."""
    try:
        return ANY.decode(raw)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("an entity must be readable", exc) from exc


def read_entity(raw: msgspec.Raw, shape: type[E]) -> E:
    """The entity. Raises ``Unreadable``."""
    try:
        found: E = DECODERS[shape].decode(raw)
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"an entity must be a readable {shape.__name__}", exc) from exc
    return found


def id_of(raw: msgspec.Raw) -> str | None:
    """The entity's id, None when it has none that can be read."""
    try:
        return NAMED.decode(raw).id or None
    except (ValueError, RecursionError):
        return None


def is_available(statuses: Iterable[Any]) -> bool:
    """Whether none of ``statuses`` says UNAVAILABLE; one that is left out is AVAILABLE. Raises ``Unreadable``."""
    known = [one_of("status", status or AVAILABLE, (AVAILABLE, UNAVAILABLE)) for status in statuses]
    return UNAVAILABLE not in known


def one_of(name: str, value: Any, values: Iterable[str]) -> str:
    """``value``. Raises ``Unreadable`` when it is none of ``values``."""
    if not isinstance(value, str) or value not in values:
        raise Unreadable(f"{name} must be one of {', '.join(values)}", repr(value))
    return value


def whole(name: str, value: Any) -> int:
    """``value``. Raises ``Unreadable`` when it is no whole number that a database holds."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise Unreadable(f"{name} must be a whole number", repr(value))
    return value


def shown(value: object) -> str:
    """``value`` as an operator reads it, shortened."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
