"""A supplier whose every value is a version number: an answer that mixes two publishes shows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.documents import Documents
from sync.protocol import Begin, End, Event, Mode, Record
from sync.records import (
    AvailabilityRecord,
    ItemRecord,
    LocationRecord,
    MenuRecord,
    OfferRecord,
    PlacementRecord,
    SectionRecord,
)
from sync.settings import SourceSettings
from sync.sources import SourceKind, StreamKind, always

STREAM = "everything"
SECTIONS, ITEMS = 3, 8
VALUES = SECTIONS * ITEMS * 3 + SECTIONS + 2
"""Values in an answer: three an item, one a section, the menu's and the location's."""

STOREFRONT = """
query Storefront($slug: String!) { location(slug: $slug) {
  address
  menus { name sections { name items {
    description prices { money { amount } } availability { reason }
  } } }
} }
"""


SAID: dict[str, int] = {}
"""The version that each source said last, by its name, which is its location's slug too."""


class Versions:
    """Says everything anew at every pull."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """One snapshot of one location, every value of it the next version."""
        SAID[self.name] = SAID.get(self.name, 0) + 1
        for event in events(stream, self.name, str(SAID[self.name])):
            yield event


KIND = SourceKind(Versions, always(**{STREAM: StreamKind(("menu", "price", "availability"), 0)}))


def events(stream: str, location: str, version: str) -> Iterator[Event]:
    now = datetime.now(UTC)
    day = now.date() + timedelta(days=2)
    menu = f"{location}/menu"
    yield Begin(stream, Mode.SNAPSHOT, menu, confirms=location)
    place = LocationRecord(slug=location, name=location, timezone="UTC", currency="EUR", address=version)
    yield Record(menu, location, place)
    yield Record(menu, menu, MenuRecord(location=location, name=version, channel="DINE_IN", service_date=day))
    for section in range(SECTIONS):
        yield Record(menu, f"s{section}", SectionRecord(menu=menu, name=version, position=section))
        for number in range(ITEMS):
            key = f"s{section}i{number}"
            item = ItemRecord(name=key, language="en", location=location, description=version)
            yield Record(menu, key, item)
            yield Record(menu, key, PlacementRecord(section=f"s{section}", item=key, position=number))
            yield Record(menu, key, OfferRecord(item=key, currency="EUR", amount=Decimal(version)))
    yield End(menu, complete=True, as_of=now)
    yield Begin(stream, Mode.SPARSE, location, confirms=location)
    if version != "1":  # before the first publish nothing is on offer that stock could be about
        for section in range(SECTIONS):
            for number in range(ITEMS):
                key = f"{location}/{day}/s{section}i{number}"
                yield Record(location, key, AvailabilityRecord(state="SOLD_OUT", reason=version))
    yield End(location, complete=True, as_of=now)


def versions_in(answer: dict[str, Any]) -> set[int]:
    """The versions that an answer of STOREFRONT shows. Fails when a value that must show one is missing."""
    location = answer["location"]
    found = [location["address"]]
    for menu in location["menus"]:
        found.append(menu["name"])
        for section in menu["sections"]:
            found.append(section["name"])
            for item in section["items"]:
                [price] = item["prices"]
                found += [item["description"], price["money"]["amount"].removesuffix(".0000")]
                found.append(item["availability"]["reason"])
    assert len(found) == VALUES, f"{len(found)} values instead of {VALUES}"
    assert None not in found, "a value without a version"
    return {int(version) for version in found}
