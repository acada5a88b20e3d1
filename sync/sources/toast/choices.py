"""Modifier groups as option groups, modifier options as items of theirs (Menus V2, "Using PricingRules")."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sync.protocol import Event
from sync.records import GroupOptionRecord, ItemRecord, OfferRecord, OptionGroupRecord
from sync.sources.toast.items import group_events, item
from sync.sources.toast.modifiers import Group, Modifiers, Option
from sync.sources.toast.prices import Price, own_price, rules, strategy, timed_offers, unit
from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, entries, guid_of, number, text, thing, whole, word

BY_GROUP = ("GROUP_PRICE", "NONE")
GROUP_STRATEGIES = ("NONE", "SIZE_PRICE", "SEQUENCE_PRICE", "SIZE_SEQUENCE_PRICE")


def choice_events(reading: Reading, modifiers: Modifiers) -> Iterator[Event]:
    """Every option and every group of the restaurant, once. The menu's items must have been read before."""
    for option in modifiers.options.values():
        if isinstance(option, Unreadable):
            yield reading.malformed(ItemRecord.kind, None, option)
        elif option is not None:
            yield from option_events(reading, modifiers, option)
    tax = reading.tax_modes.copy().pop() if len(reading.tax_modes) == 1 else "UNKNOWN"
    for group in modifiers.groups.values():
        if isinstance(group, Unreadable):
            yield reading.malformed(OptionGroupRecord.kind, None, group)
        elif group is not None:
            yield from option_group_events(reading, modifiers, group, tax)


def option_events(reading: Reading, modifiers: Modifiers, option: Option) -> Iterator[Event]:
    """The item that an option is.

    Several options, and an item of the menu, may be one item under other names: the menu's counts, then the first.
    """
    if option.guid in reading.items:
        return
    reading.items.add(option.guid)
    try:
        yield from reading.record(option.item, item(reading, option.entry))
    except Unreadable as why:
        yield reading.malformed(ItemRecord.kind, option.item, why)
    yield from group_events(reading, modifiers, option.item, option.entry)


def option_group_events(reading: Reading, modifiers: Modifiers, group: Group, tax: str) -> Iterator[Event]:
    """A group, what can be chosen in it, and what that costs there."""
    try:
        yield from reading.record(group.key, option_group(reading, group.entry))
    except Unreadable as why:
        yield reading.malformed(OptionGroupRecord.kind, group.key, why)
    try:
        references = entries(group.entry, "modifierOptionReferences")
    except Unreadable as why:
        yield reading.malformed(GroupOptionRecord.kind, None, why)
        return
    chosen: dict[str, Option] = {}
    for position, reference in enumerate(references):
        try:
            option = modifiers.option(reference)
        except Unreadable as why:
            yield reading.malformed(GroupOptionRecord.kind, None, why)
            continue
        if option is None:
            continue
        if chosen.setdefault(option.guid, option) is not option:
            yield twice(reading, group, option, position)
            continue
        key = f"{group.key}/{option.guid}"
        preselected = option.entry.get("isDefault") is True
        record = GroupOptionRecord(group=group.key, item=option.item, position=position, preselected=preselected)
        yield from reading.placed(key, record)
        yield from option_offers(reading, group, option, f"{key}/price", tax)


def twice(reading: Reading, group: Group, option: Option, position: int) -> Event:
    """A second option that is the same item: nobody could tell which of both is chosen."""
    why = Unreadable("a group must not hold two options that are one item", option.entry.get("name"))
    return reading.malformed(GroupOptionRecord.kind, f"{group.key}/{option.guid}/{position}", why)


def option_group(reading: Reading, entry: dict[str, Any]) -> OptionGroupRecord:
    """The group. An item of many sizes costs what its size costs. Raises ``Unreadable``."""
    multiple = entry.get("isMultiSelect")
    most = whole(entry, "maxSelections")
    if multiple is False:
        most = 1 if most is None else min(most, 1)
    return OptionGroupRecord(
        name=text(entry, "name"),
        language=reading.options.language,
        least=whole(entry, "minSelections") or 0,
        most=most,
        price_method="REPLACE" if entry.get("guid") in reading.sized else "SUM",
    )


def option_offers(reading: Reading, group: Group, option: Option, key: str, tax: str) -> Iterator[Event]:
    """What the option costs in this group: its own price, or the group's where that depends on nothing else."""
    try:
        price = option_price(reading, group, option, tax)
    except NotSaid as why:
        yield from reading.report(OfferRecord.kind, group.key, why)
        return
    except Unreadable as why:
        yield reading.malformed(OfferRecord.kind, key, why)
        return
    if price is not None:
        yield from reading.record(key, price.offer(option.item, group=group.key))
    yield from timed_offers(reading, option.entry, key, tax, option.item, group.key)


class NotSaid(Unreadable):
    """The store has no words for such a price."""


def option_price(reading: Reading, group: Group, option: Option, tax: str) -> Price | None:
    """The price; None when it costs what its size costs. Raises ``Unreadable``."""
    entry = option.entry
    way = strategy(entry, *BY_GROUP)
    if entry.get("isDefault") is True and word(group.entry, "defaultOptionsChargePrice", "YES") == "NO":
        return Price(Decimal(0), reading.options.currency, tax)
    if way not in BY_GROUP:
        return own_price(reading, entry, tax)
    amount = group_amount(group.entry, entry)
    return Price(amount, reading.options.currency, tax, unit(entry))


def group_amount(group: dict[str, Any], option: dict[str, Any]) -> Decimal:
    """What every option of the group costs; nothing, when neither tells a price. Raises ``Unreadable``."""
    way = word(group, "pricingStrategy", "NONE")
    if way not in GROUP_STRATEGIES:
        raise Unreadable(f"pricingStrategy of a group must be one of {', '.join(GROUP_STRATEGIES)}", way)
    if way == "NONE":
        return number(option, "price") or Decimal(0)
    amounts = {
        number(thing(price), "price")
        for rule in entries(rules(group), "sizeSequencePricingRules")
        for price in entries(thing(rule), "sequencePrices")
    }
    amount = amounts.pop() if len(amounts) == 1 else None
    if amount is None:
        raise NotSaid("an option's price must not depend on what else is chosen", f"{way} of {guid_of(group)}")
    return amount
