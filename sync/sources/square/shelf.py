"""Where an object's rows go: one location, with what they depend on beside the object itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sync.protocol import Malformed, Payload, Record
from sync.sources.square.catalog_shapes import CatalogObject, LocationOverride, nested
from sync.sources.square.options import SquareOptions
from sync.sources.square.place_shapes import Location
from sync.sources.square.places import language
from sync.sources.square.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Shelf:
    """What an object's rows at one location depend on beside itself.

    ``others`` are the objects that items name: categories, taxes, images. ``groups`` are the ids of the modifier lists
    that have rows at the location. ``refused`` is the scope of what could not be read.
    """

    location: Location
    options: SquareOptions
    others: Mapping[str, CatalogObject]
    groups: Collection[str]
    scope: str
    refused: str

    def key(self, *parts: str) -> str:
        """Key of a row of this location."""
        return "/".join((self.location.id, *parts))

    @property
    def language(self) -> str:
        """Language of its texts."""
        return language(self.location, self.options)

    def record(self, key: str, payload: Payload) -> Record:
        return Record(self.scope, key, payload)

    def malformed(self, kind: str, key: str, why: Unreadable) -> Malformed:
        return Malformed(self.refused, kind, key, why.rule, why.value)


def sold_at(found: CatalogObject, location: str) -> bool:
    """Whether an item or a modifier list has rows at a location."""
    if found.is_deleted or not found.present_at(location):
        return False
    if found.item_data is not None:
        return not found.item_data.is_archived and bool(variations(found, location))
    return bool(modifiers(found, location))


def variations(item: CatalogObject, location: str) -> list[CatalogObject]:
    """The variations that are sold at a location, in order."""
    sold = [
        one
        for one in nested(item)
        if one.present_at(location) and one.item_variation_data and one.item_variation_data.sellable is not False
    ]
    return sorted(sold, key=lambda one: (one.item_variation_data and one.item_variation_data.ordinal) or 0)


def modifiers(found: CatalogObject, location: str) -> list[CatalogObject]:
    """The modifiers of a list that customers of a location see, in order; none of a list that asks for a text."""
    if found.modifier_list_data is None or found.modifier_list_data.modifier_type == "TEXT":
        return []
    seen = [
        one
        for one in nested(found)
        if one.present_at(location) and one.modifier_data and not one.modifier_data.hidden_online
    ]
    return sorted(seen, key=lambda one: (one.modifier_data and one.modifier_data.ordinal) or 0)


def override_at(overrides: list[LocationOverride] | None, location: str) -> LocationOverride | None:
    """What departs at a location from what holds everywhere."""
    return next((one for one in overrides or () if one.location_id == location), None)


def named(text: str | None, what: str) -> str:
    """``text``. Raises ``Unreadable`` when it is empty."""
    if not text or not text.strip():
        raise Unreadable(f"{what} must have a name", repr(text))
    return text
