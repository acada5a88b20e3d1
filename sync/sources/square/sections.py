"""Categories as sections of a location's menus (Square API, CatalogCategory)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from sync.protocol import Event, Malformed, Record
from sync.records import SectionRecord
from sync.sources.square.catalog_shapes import CatalogObject, Category, Item
from sync.sources.square.options import SquareOptions
from sync.sources.square.places import menu_key

KITCHEN = "KITCHEN_CATEGORY"
"""Routes orders inside a kitchen; no customer reads it."""
OTHER = "other"
OTHER_NAMES = {"de": "Weiteres", "en": "Other", "es": "Otros", "fr": "Autres", "ja": "その他"}
LAST = 2**31 - 1
EXACT, MIDDLE = 2**24, 2**30

Categories = Mapping[str, CatalogObject]


def section_key(location: str, channel: str, category: str) -> str:
    return f"{menu_key(location, channel)}/{category}"


def shown_at(location: str, categories: Categories) -> dict[str, Category]:
    """The categories that customers of a location see."""
    return {
        key: found.category_data or Category()
        for key, found in categories.items()
        if found.present_at(location) and (found.category_data or Category()).category_type != KITCHEN
    }


def section_events(
    scope: str, refused: str, location: str, categories: Categories, options: SquareOptions
) -> Iterator[Event]:
    """The sections of each menu, parents before their children."""
    shown = shown_at(location, categories)
    parents = {key: parent_of(key, shown) for key in shown}
    ranked = sorted(shown, key=lambda key: (depth(key, parents), ordinal(shown[key]), shown[key].name or "", key))
    for channel in options.channels:
        for position, category in enumerate(ranked):
            name, parent, key = shown[category].name, parents[category], section_key(location, channel, category)
            if not name or not name.strip():
                yield Malformed(refused, SectionRecord.kind, key, "a category must have a name", repr(name))
                continue
            record = SectionRecord(
                menu=menu_key(location, channel),
                name=name,
                position=position,
                parent=section_key(location, channel, parent) if parent else None,
            )
            yield Record(scope, key, record)


def other_section_events(scope: str, location: str, language: str, options: SquareOptions) -> Iterator[Event]:
    """The section of items that are in no category, the last one of each menu."""
    name = OTHER_NAMES.get(language, OTHER_NAMES["en"])
    for channel in options.channels:
        record = SectionRecord(menu=menu_key(location, channel), name=name, position=LAST)
        yield Record(scope, section_key(location, channel, OTHER), record)


def parent_of(key: str, shown: Mapping[str, Category]) -> str | None:
    """The parent category; None for one that customers do not see, and for all of a circle."""
    direct = above(key, shown)
    seen, at = {key}, direct
    while at is not None:
        if at == key:
            return None
        if at in seen:
            break
        seen.add(at)
        at = above(at, shown)
    return direct


def above(key: str, shown: Mapping[str, Category]) -> str | None:
    parent = shown[key].parent_category
    return parent.id if parent and parent.id in shown else None


def depth(key: str, parents: Mapping[str, str | None]) -> int:
    """How many parents it has above it."""
    found, at = 0, parents[key]
    while at is not None:
        found, at = found + 1, parents[at]
    return found


def ordinal(category: Category) -> int:
    return (category.parent_category and category.parent_category.ordinal) or 0


def placements(item: Item, location: str, categories: Categories) -> dict[str, int]:
    """Category -> position of the item in it; ``other`` when it is in none that customers see."""
    listed = {one.id: one.ordinal or 0 for one in item.categories or () if one.id}
    if not listed and item.category_id:
        listed = {item.category_id: 0}
    shown = shown_at(location, {key: categories[key] for key in listed if key in categories})
    return {key: position(listed[key]) for key in listed if key in shown} or {OTHER: MIDDLE}


def position(ordinal: int) -> int:
    """A 64-bit ordinal as a position: in the same order, a small one exactly, a large one as far as 24 bits tell.

    Square spreads ordinals over all 64 bits, below zero too, and a delta does not tell the neighbours that would give a
    rank. The bits of an IEEE 754 number are in the order of its values.
    """
    size = abs(ordinal)
    scaled = size if size <= EXACT else EXACT + bits(min(size, 2**63)) - bits(EXACT)
    return MIDDLE + (scaled if ordinal > 0 else -scaled)


def bits(number: int) -> int:
    return int(struct.unpack(">i", struct.pack(">f", number))[0])
