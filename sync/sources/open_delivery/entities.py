"""A merchant's entities by id, and how links between them are followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic

import msgspec

from sync.sources.open_delivery.document import Merchant
from sync.sources.open_delivery.shapes import (
    Availability,
    Category,
    Dangling,
    E,
    Item,
    ItemOffer,
    Menu,
    OptionGroup,
    Service,
    Unreadable,
    id_of,
    read_any,
    read_entity,
)


@dataclass(frozen=True, slots=True)
class Entities(Generic[E]):
    """The entities of one type, in the document's order. ``nameless`` are those that have no readable id."""

    listed: str
    found: dict[str, E | Unreadable] = field(default_factory=dict)
    nameless: list[Unreadable] = field(default_factory=list)

    def linked(self, link: str, name: Any) -> E:
        """The entity that ``link`` names. Raises ``Dangling`` when there is none, ``Unreadable`` for a broken one."""
        found = self.found.get(name) if isinstance(name, str) else None
        if found is None:
            raise Dangling(f"{link} must be one of the {self.listed}", repr(name))
        if isinstance(found, Unreadable):
            raise found
        return found

    def ordered(self, names: Iterable[str] | None) -> list[str]:
        """``names`` (None: all), each once, by their entities' ``index``. What has none comes last, as listed."""
        return sorted(dict.fromkeys(self.found if names is None else names), key=self._rank)

    def _rank(self, name: str) -> tuple[bool, int]:
        index = getattr(self.found.get(name), "index", None)
        if isinstance(index, bool) or not isinstance(index, int):
            return (True, 0)
        return (False, index)


def read_entities(listed: str, raws: Iterable[msgspec.Raw], shape: type[E]) -> Entities[E]:
    """The entities of one type. An id that stands for two different ones stands for none."""
    entities: Entities[E] = Entities(listed)
    said: dict[str, msgspec.Raw] = {}
    for raw in raws:
        name = id_of(raw)
        try:
            entity = read_entity(raw, shape)
        except Unreadable as exc:
            if name is None:
                entities.nameless.append(exc)
            else:
                entities.found[name] = exc
            continue
        first = said.setdefault(entity.id, raw)
        if first is not raw and read_any(first) != read_any(raw):
            entities.found[entity.id] = Unreadable(f"an id must be unique among the {listed}", entity.id)
        else:
            entities.found.setdefault(entity.id, entity)
    return entities


@dataclass(frozen=True, slots=True)
class Reading:
    """How a merchant is read: what the specification does not say and the operator does.

    ``app_id``: the id under which the supplier knows us. ``currency``: the one that all prices have to be in, None:
    the merchant's.
    """

    timezone: str = "UTC"
    language: str = "pt"
    slug: str | None = None
    app_id: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A merchant whose entities are read. ``basics`` is its BasicInfo, {} when that is no object."""

    merchant: str
    status: Any
    basics: dict[str, Any]
    reading: Reading
    services: Entities[Service]
    menus: Entities[Menu]
    categories: Entities[Category]
    items: Entities[Item]
    item_offers: Entities[ItemOffer]
    option_groups: Entities[OptionGroup]
    availabilities: Entities[Availability]


def read_catalogue(merchant: Merchant, reading: Reading) -> Catalogue:
    """The merchant's entities."""
    try:
        basics = read_any(merchant.basic_info)
    except Unreadable:
        basics = None
    return Catalogue(
        merchant=merchant.id,
        status=merchant.status,
        basics=basics if isinstance(basics, dict) else {},
        reading=reading,
        services=read_entities("services", merchant.services, Service),
        menus=read_entities("menus", merchant.menus, Menu),
        categories=read_entities("categories", merchant.categories, Category),
        items=read_entities("items", merchant.items, Item),
        item_offers=read_entities("itemOffers", merchant.item_offers, ItemOffer),
        option_groups=read_entities("optionGroups", merchant.option_groups, OptionGroup),
        availabilities=read_entities("availabilities", merchant.availabilities, Availability),
    )
