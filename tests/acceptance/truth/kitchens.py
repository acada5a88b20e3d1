"""A supplier that says of its place whatever the next state is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
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
from tests.acceptance.truth.places import FAR, Dish, Place

STREAM = "everything"
SAYS: dict[str, Place] = {}
"""What each source says at its next pull, by its name, which is its place's slug too."""


class Kitchens:
    """Says everything anew at every pull."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """One snapshot of one place."""
        for event in events(stream, SAYS[self.name]):
            yield event


KIND = SourceKind(Kitchens, always(**{STREAM: StreamKind(("menu", "price", "availability"), 0)}))


def events(stream: str, place: Place) -> Iterator[Event]:
    """A place as its supplier says it: the whole menu, then the stock of what is in it."""
    now, slug = datetime.now(UTC), place.slug
    menu, section = f"{slug}/menu", f"{slug}/section"
    yield Begin(stream, Mode.SNAPSHOT, menu, confirms=slug)
    located = LocationRecord(slug=slug, name=slug, timezone="UTC", currency="EUR", address=place.address)
    yield Record(menu, slug, located)
    yield Record(menu, menu, MenuRecord(location=slug, name=place.menu, channel="DINE_IN", service_date=FAR))
    yield Record(menu, section, SectionRecord(menu=menu, name=place.section, position=0))
    for position, dish in enumerate(place.dishes):
        yield from of_dish(menu, section, slug, position, dish)
    yield End(menu, complete=True, as_of=now)
    yield Begin(stream, Mode.SPARSE, slug, confirms=slug)
    for dish in place.dishes:
        stock = AvailabilityRecord(state=dish.state, until=dish.until, reason=dish.reason)
        yield Record(slug, f"{slug}/{FAR}/{dish.name}", stock)
    yield End(slug, complete=True, as_of=now)


def of_dish(menu: str, section: str, slug: str, position: int, dish: Dish) -> Iterator[Event]:
    key = f"{slug}/{dish.name}"
    item = ItemRecord(name=dish.name, language="en", location=slug, description=dish.description)
    yield Record(menu, key, item)
    yield Record(menu, key, PlacementRecord(section=section, item=key, position=position))
    yield Record(
        menu,
        key,
        OfferRecord(
            item=key,
            currency="EUR",
            amount=Decimal(dish.amount),
            valid_from=dish.valid_from,
            valid_until=dish.valid_until,
        ),
    )
