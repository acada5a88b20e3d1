"""Modifier lists as option groups, and what an item says of those that it offers (CatalogModifierList)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sync.protocol import Event
from sync.records import GroupOptionRecord, ItemGroupRecord, ItemRecord, OfferRecord, OptionGroupRecord
from sync.sources.square.catalog_shapes import CatalogObject, Item, Modifier, ModifierList, ModifierListInfo
from sync.sources.square.money import amount
from sync.sources.square.shelf import Shelf, modifiers, named, override_at
from sync.sources.square.unreadable import Unreadable

UNSET = -1


def list_events(found: CatalogObject, data: ModifierList, shelf: Shelf) -> Iterator[Event]:
    """A modifier list as an option group, each modifier an option with its price on top. Raises ``Unreadable``."""
    group = shelf.key(found.id)
    most = data.max_selected_modifiers
    if data.selection_type == "SINGLE" and most in {None, UNSET}:
        most = 1
    lower, upper = bounds(data.min_selected_modifiers, most)
    name = named(data.name, "a modifier list")
    record = OptionGroupRecord(name=name, language=shelf.language, least=lower, most=upper, price_method="SUM")
    yield shelf.record(group, record)
    for position, modifier in enumerate(modifiers(found, shelf.location.id)):
        yield from modifier_events(modifier, modifier.modifier_data or Modifier(), group, position, shelf)


def modifier_events(found: CatalogObject, data: Modifier, group: str, position: int, shelf: Shelf) -> Iterator[Event]:
    key = shelf.key(found.id)
    try:
        option = ItemRecord(name=named(data.name, "a modifier"), language=shelf.language, location=shelf.location.id)
    except Unreadable as exc:
        for kind in (ItemRecord.kind, GroupOptionRecord.kind, OfferRecord.kind):
            yield shelf.malformed(kind, key, exc)
        return
    yield shelf.record(key, option)
    preselected = bool(data.on_by_default)
    yield shelf.record(key, GroupOptionRecord(group=group, item=key, position=position, preselected=preselected))
    override = override_at(data.location_overrides, shelf.location.id)
    money = data.price_money if override is None or override.price_money is None else override.price_money
    try:
        price = Decimal(0) if money is None else amount(money, shelf.location.currency)
    except Unreadable as exc:
        yield shelf.malformed(OfferRecord.kind, key, exc)
        return
    yield shelf.record(key, OfferRecord(item=key, currency=shelf.location.currency, amount=price))


def group_events(item: str, data: Item, after_variations: bool, shelf: Shelf) -> Iterator[Event]:  # noqa: FBT001
    """The modifier lists that an item offers, after its variations."""
    infos = [one for one in data.modifier_list_info or () if one.enabled is not False]
    infos.sort(key=lambda one: one.ordinal or 0)
    offered = {one.modifier_list_id: one for one in infos if one.modifier_list_id in shelf.groups}
    for position, (group, info) in enumerate(offered.items(), start=int(after_variations)):
        key = f"{item}/{group}"
        try:
            record = ItemGroupRecord(item=item, group=shelf.key(group), position=position, **overridden(info))
        except Unreadable as exc:
            yield shelf.malformed(ItemGroupRecord.kind, key, exc)
            continue
        yield shelf.record(key, record)


def overridden(info: ModifierListInfo) -> dict[str, Any]:
    """The bounds that an item sets for a list; none when both are unset. Raises ``Unreadable``."""
    given = (info.min_selected_modifiers, info.max_selected_modifiers)
    if all(bound in {None, UNSET} for bound in given):
        return {}
    least, most = bounds(*given)
    return {"least": least, "most": most, "most_overridden": True}


def bounds(least: int | None, most: int | None) -> tuple[int, int | None]:
    """How many to choose at least, and at most (None: no limit): what is unset or below zero sets no bound.

    Raises ``Unreadable`` when nothing can keep to both.
    """
    lower, upper = max(least or 0, 0), most if most and most > 0 else None
    if upper is not None and upper < lower:
        raise Unreadable("max_selected_modifiers must not be below min_selected_modifiers", f"{upper} < {lower}")
    return lower, upper
