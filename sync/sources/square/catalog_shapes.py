"""The objects of Square's catalog as far as Larder reads them (Square API 2025-08-20, Catalog).

Parts that only one row depends on are kept as they came (``Any``): whoever makes the row judges them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from sync.errors import DocumentRefused
from sync.sources.square.unreadable import ID, ID_RULE, Unreadable, shown


class LocationOverride(msgspec.Struct, frozen=True):
    """``ItemVariationLocationOverrides`` and ``ModifierLocationOverrides``."""

    location_id: str
    price_money: Any = None
    pricing_type: str | None = None
    track_inventory: bool | None = None
    sold_out: bool | None = None
    sold_out_valid_until: str | None = None


class Variation(msgspec.Struct, frozen=True):
    """``CatalogItemVariation``."""

    item_id: str | None = None
    name: str | None = None
    ordinal: int | None = None
    pricing_type: str | None = None
    price_money: Any = None
    location_overrides: list[LocationOverride] | None = None
    track_inventory: bool | None = None
    sellable: bool | None = None


class ModifierListInfo(msgspec.Struct, frozen=True):
    """``CatalogItemModifierListInfo``. In both bounds -1 is unset and 0 is none."""

    modifier_list_id: str
    min_selected_modifiers: int | None = None
    max_selected_modifiers: int | None = None
    enabled: bool | None = None
    ordinal: int | None = None


class InCategory(msgspec.Struct, frozen=True):
    """``CatalogObjectCategory``: a category, and the place in it."""

    id: str | None = None
    ordinal: int | None = None


class Declared(msgspec.Struct, frozen=True):
    """A dietary preference or an ingredient; ``standard_name`` None: one of the seller's own."""

    standard_name: str | None = None


class FoodDetails(msgspec.Struct, frozen=True):
    """``CatalogItemFoodAndBeverageDetails``."""

    dietary_preferences: list[Declared] | None = None
    ingredients: list[Declared] | None = None


class Item(msgspec.Struct, frozen=True):
    """``CatalogItem``."""

    name: str | None = None
    description: str | None = None
    description_plaintext: str | None = None
    category_id: str | None = None
    categories: list[InCategory] | None = None
    tax_ids: list[str] | None = None
    image_ids: list[str] | None = None
    modifier_list_info: list[ModifierListInfo] | None = None
    variations: list[CatalogObject] | None = None
    is_archived: bool | None = None
    food_and_beverage_details: FoodDetails | None = None


class Modifier(msgspec.Struct, frozen=True):
    """``CatalogModifier``."""

    name: str | None = None
    price_money: Any = None
    on_by_default: bool | None = None
    ordinal: int | None = None
    modifier_list_id: str | None = None
    location_overrides: list[LocationOverride] | None = None
    hidden_online: bool | None = None


class ModifierList(msgspec.Struct, frozen=True):
    """``CatalogModifierList``. In both bounds -1 is unset and 0 is none."""

    name: str | None = None
    selection_type: str | None = None
    modifier_type: str | None = None
    min_selected_modifiers: int | None = None
    max_selected_modifiers: int | None = None
    modifiers: list[CatalogObject] | None = None


class Category(msgspec.Struct, frozen=True):
    """``CatalogCategory``."""

    name: str | None = None
    category_type: str | None = None
    parent_category: InCategory | None = None


class Tax(msgspec.Struct, frozen=True):
    """``CatalogTax``."""

    inclusion_type: str | None = None
    enabled: bool | None = None


class Image(msgspec.Struct, frozen=True):
    """``CatalogImage``."""

    url: str | None = None


class CatalogObject(msgspec.Struct, frozen=True):
    """``CatalogObject``: exactly the data of its type is set."""

    type: str
    id: str
    is_deleted: bool | None = None
    present_at_all_locations: bool | None = None
    present_at_location_ids: list[str] | None = None
    absent_at_location_ids: list[str] | None = None
    item_data: Item | None = None
    item_variation_data: Variation | None = None
    modifier_list_data: ModifierList | None = None
    modifier_data: Modifier | None = None
    category_data: Category | None = None
    tax_data: Tax | None = None
    image_data: Image | None = None

    def present_at(self, location: str) -> bool:
        """Whether the location has it. An object that says nothing is everywhere."""
        if self.present_at_all_locations is False:
            return location in (self.present_at_location_ids or ())
        return location not in (self.absent_at_location_ids or ())


class Head(msgspec.Struct, frozen=True):
    """What every object must say of itself."""

    type: str
    id: str
    is_deleted: bool | None = None


_head = msgspec.json.Decoder(Head)
_object = msgspec.json.Decoder(CatalogObject)


def read_head(raw: msgspec.Raw) -> Head:
    """What kind of object it is, and which. Raises ``DocumentRefused``: without it nobody knows what is missing."""
    try:
        head = _head.decode(raw)
    except (ValueError, RecursionError) as exc:
        raise DocumentRefused("a catalog object must have a type and an id", f"{exc} in {shown(bytes(raw))}") from exc
    if not ID.fullmatch(head.id):
        raise DocumentRefused(ID_RULE, repr(head.id))
    return head


def read_object(raw: msgspec.Raw) -> CatalogObject:
    """The object. Raises ``Unreadable``."""
    try:
        found = _object.decode(raw)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("a catalog object must have the documented shape", exc) from exc
    for inner in nested(found):
        if not ID.fullmatch(inner.id):
            raise Unreadable(ID_RULE, repr(inner.id))
    return found


def nested(found: CatalogObject) -> Iterable[CatalogObject]:
    """The variations of an item, the modifiers of a list, less those that are deleted."""
    inner = (found.item_data and found.item_data.variations) or (
        found.modifier_list_data and found.modifier_list_data.modifiers
    )
    return [one for one in inner or () if not one.is_deleted]
