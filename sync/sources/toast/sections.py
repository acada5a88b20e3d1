"""A menu of Toast as menus, sections and placements: one menu per channel that it is visible in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sync.protocol import Event
from sync.records import ItemRecord, MenuRecord, PlacementRecord, ScheduleRecord, SectionRecord
from sync.sources.toast.hours import menu_hours
from sync.sources.toast.items import group_events, item
from sync.sources.toast.modifiers import Modifiers
from sync.sources.toast.offers import Observed, item_offers, observed
from sync.sources.toast.places import Place
from sync.sources.toast.prices import SPECIFIC, Price, own_price, tax_mode, timed_offers
from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, entries, guid_of, read_menu, text


class Menus:
    """Reads the menus of one restaurant."""

    def __init__(self, reading: Reading, modifiers: Modifiers) -> None:
        self.reading = reading
        self.modifiers = modifiers
        self.seen: dict[str, list[Observed]] = {}
        """The prices of each item, by its key."""

    def events(self) -> Iterator[Event]:
        """All menus, and what their items cost. Raises ``DocumentRefused``."""
        for raw in self.reading.published.menus:
            yield from self.menu(read_menu(raw))
        for key, seen in self.seen.items():
            yield from item_offers(self.reading, key, seen)

    def menu(self, entry: Any) -> Iterator[Event]:
        reading = self.reading
        try:
            guid = guid_of(entry)
            channels = reading.visible(entry, reading.channels)
        except Unreadable as why:
            yield reading.malformed(MenuRecord.kind, None, why)
            return
        if not channels:
            return
        hours: str | None = reading.key(guid, "hours")
        try:
            schedule = menu_hours(entry.get("availability"), reading.timezone)
        except Unreadable as why:
            yield reading.malformed(ScheduleRecord.kind, hours, why)
        else:
            hours = hours if schedule else None
            if schedule and hours:
                yield from reading.record(hours, schedule)
        for channel in channels:
            key = reading.key(guid, channel)
            try:
                name = text(entry, "name")
                record = MenuRecord(location=reading.scope, name=name, channel=channel, schedule=hours)
                yield from reading.record(key, record)
            except Unreadable as why:
                yield reading.malformed(MenuRecord.kind, key, why)
        yield from self.groups(entry, Place(guid, hours, channels))

    def groups(self, entry: dict[str, Any], place: Place) -> Iterator[Event]:
        """The groups directly in a menu or group."""
        reading = self.reading
        try:
            listed = place.groups(entry)
        except Unreadable as why:
            yield reading.malformed(SectionRecord.kind, None, why)
            return
        for position, group in enumerate(listed):
            try:
                inside = place.inside(guid_of(group), reading.visible(group, place.channels))
            except Unreadable as why:
                yield reading.malformed(SectionRecord.kind, None, why)
                continue
            if inside.channels:
                yield from self.group(group, inside, position)

    def group(self, entry: dict[str, Any], place: Place, position: int) -> Iterator[Event]:
        reading = self.reading
        for channel in place.channels:
            key = place.key(reading, channel)
            try:
                record = SectionRecord(
                    menu=reading.key(place.menu, channel),
                    name=text(entry, "name"),
                    position=position,
                    parent=place.parent(reading, channel),
                )
                yield from reading.placed(key, record)
            except Unreadable as why:
                yield reading.malformed(SectionRecord.kind, key, why)
        yield from self.items(entry, place)
        yield from self.groups(entry, place)

    def items(self, entry: dict[str, Any], place: Place) -> Iterator[Event]:
        reading = self.reading
        try:
            listed = entries(entry, "menuItems")
        except Unreadable as why:
            yield reading.malformed(ItemRecord.kind, None, why)
            return
        for position, sold in enumerate(listed):
            try:
                guid, channels = guid_of(sold), reading.visible(sold, place.channels)
            except Unreadable as why:
                yield reading.malformed(ItemRecord.kind, None, why)
                continue
            if channels:
                yield from self.item(guid, sold, place, channels, position)

    def item(
        self, guid: str, entry: dict[str, Any], place: Place, channels: Sequence[str], position: int
    ) -> Iterator[Event]:
        reading, key = self.reading, self.reading.key(guid)
        reading.items.add(guid)
        try:
            yield from reading.record(key, item(reading, entry))
        except Unreadable as why:
            yield reading.malformed(ItemRecord.kind, key, why)
        for channel in channels:
            section = place.key(reading, channel)
            record = PlacementRecord(section=section, item=key, position=position)
            yield from reading.placed(f"{section}/{guid}", record)
        yield from group_events(reading, self.modifiers, key, entry)
        tax, price = self.price(entry)
        yield from timed_offers(reading, entry, f"{key}/price", tax, key)
        if price is not None:
            specific = entry.get("pricingStrategy") in SPECIFIC
            places = [observed(place.menu, place.hours, one, price, specific=specific) for one in channels]
            self.seen.setdefault(key, []).extend(places)

    def price(self, entry: dict[str, Any]) -> tuple[str, Price | Unreadable | None]:
        """Whether tax is in it, and the price."""
        try:
            tax = tax_mode(entry)
            self.reading.tax_modes.add(tax)
            return tax, own_price(self.reading, entry, tax)
        except Unreadable as why:
            return "UNKNOWN", why
