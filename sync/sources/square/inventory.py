"""The stream ``inventory``: what is sold out, and how many are left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sync.documents import Documents
from sync.errors import DocumentRefused
from sync.protocol import Event, Failed, Unchanged
from sync.records import AvailabilityRecord
from sync.sources.square.answers import Count
from sync.sources.square.catalog_shapes import CatalogObject, nested, read_object
from sync.sources.square.layout import Layout, closed
from sync.sources.square.marks import Known, Mark, Memory
from sync.sources.square.options import SquareOptions
from sync.sources.square.places import Places, list_places
from sync.sources.square.reading import SELLABLE, Reader, Reading, holder, not_ahead
from sync.sources.square.requests import COUNTS, LOCATIONS, SEARCH, counts, instant, portions, retrieve
from sync.sources.square.stock import stock_events
from sync.sources.square.unreadable import Unreadable

STREAM = "inventory"
IN_STOCK = "IN_STOCK"
PAGE = 1_000
KINDS = dict.fromkeys(SELLABLE, AvailabilityRecord.kind)


async def pull_inventory(
    options: SquareOptions, documents: Documents, cursor: dict[str, Any]
) -> AsyncGenerator[Event, None]:
    """Everything at first and every ``reconcile_hours``; in between what changed in the catalog or was counted."""
    memory = Memory.read(cursor)
    asked = LOCATIONS
    try:
        places = await list_places(documents, options.merchant or memory.merchant, memory.known)
        asked = COUNTS
        frame = places.digest(options)
        reader = Reader(documents, places, memory, (), options.page_size)
        since = reader.begin(frame, options.reconcile_hours)
        counter = Counter(documents, places, memory)
        fresh = await counter.changes() if since else await counter.everything()
        asked = SEARCH
        reading = await reader.changes(since, await holders(documents, fresh)) if since else None
        if reading is None:
            fresh, reading = await counter.everything(), await reader.everything()
        asked = COUNTS
        known = fresh if reading.full else await counter.of(reading.things.values())
    except DocumentRefused as exc:
        yield Failed(None, asked, exc.rule, exc.value)
        return
    run = Inventory(places, memory, reading, by_place(known), frame, documents.now.isoformat(), counter.newest(fresh))
    for event in run.events():
        yield event


async def holders(documents: Documents, counted: Iterable[Count]) -> set[str]:
    """Ids of the items whose variations were counted. What was counted and is no longer there has none."""
    answered = await retrieve(documents, {count.catalog_object_id for count in counted})
    found = set(answered.ids("ITEM"))
    for key in answered.ids("ITEM_VARIATION"):
        try:
            found.add(holder(read_object(answered.bodies[key])) or key)
        except Unreadable as exc:
            raise DocumentRefused(exc.rule, exc.value) from exc
    return found


def by_place(counted: Iterable[Count]) -> dict[tuple[str, str], Count]:
    return {(count.catalog_object_id, count.location_id): count for count in counted}


@dataclass(frozen=True, slots=True)
class Counter:
    """Reads one merchant's counts of what is in stock."""

    documents: Documents
    places: Places
    memory: Memory

    async def everything(self) -> list[Count]:
        """Every count. Raises ``DocumentRefused``."""
        return await self.counts({})

    async def changes(self) -> list[Count]:
        """What was counted since the last run. Raises ``DocumentRefused``, also for what was counted before."""
        after = self.before()
        if after is None:
            return await self.everything()
        found = await self.counts({"updated_after": after})
        for count in found:
            if instant(count.calculated_at) < instant(after):
                raise DocumentRefused(f"a count must be newer than {after}", count.calculated_at)
        return found

    async def of(self, things: Iterable[CatalogObject]) -> list[Count]:
        """The counts of the variations of some items. Raises ``DocumentRefused``."""
        ids = [variation.id for thing in things if thing.item_data for variation in nested(thing)]
        return [count for some in portions(ids) for count in await self.counts({"catalog_object_ids": some})]

    async def counts(self, content: dict[str, Any]) -> list[Count]:
        asked = {"location_ids": sorted(self.places.active), "states": [IN_STOCK], "limit": PAGE, **content}
        found = await counts(self.documents, asked)
        for count in found:
            if count.location_id not in self.places.ids:
                raise DocumentRefused("a count's location must be the merchant's own", count.location_id)
            not_ahead(count.calculated_at, self.documents.now)
        return [count for count in found if count.state == IN_STOCK]

    def before(self) -> str | None:
        """The newest count of the last run; the eldest such of any location, None when one has none."""
        marks = [self.memory.marks.get(location) for location in self.places.active]
        told = [mark.counted for mark in marks if mark is not None and mark.counted]
        return min(told, key=instant) if told and len(told) == len(marks) else None

    def newest(self, found: Iterable[Count]) -> str | None:
        """Where the next run goes on."""
        told = [count.calculated_at for count in found]
        before = self.before()
        return max([*told, *([before] if before else [])], key=instant, default=None)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a run says about every location."""

    places: Places
    memory: Memory
    reading: Reading
    counted: dict[tuple[str, str], Count]
    frame: str
    now: str
    newest: str | None

    def events(self) -> Iterator[Event]:
        for broken, why in self.places.broken.items():
            yield Failed(broken, LOCATIONS, why.rule, why.value)
        for location in self.places.active:
            yield from self.at(location)
        for gone in sorted(set(self.memory.known) - set(self.places.active) - set(self.places.broken)):
            yield from closed(STREAM, gone, self.memory.known[gone], self.places.told_at)

    def at(self, location: str) -> Iterator[Event]:
        """What it says about one."""
        reading, as_of = self.reading, self.places.told_at
        if not reading.full and not reading.asked:
            yield Unchanged(location, SEARCH, as_of)
            return
        known = self.memory.known.get(location) or Known(merchant=self.places.merchant)

        def rows(thing: CatalogObject) -> Iterator[Event]:
            return stock_events(thing, location, self.counted)

        def remembered(has: set[str], unsure: set[str]) -> Known:
            return Known(merchant=self.places.merchant, objects=tuple(sorted(has)), unsure=tuple(sorted(unsure)))

        layout = Layout(STREAM, location, reading, known, as_of, rows, KINDS)
        yield from layout.events([], self.mark(location), remembered)

    def mark(self, location: str) -> Mark | None:
        """Up to where the location is read; None for a catalog that has no clock yet, since it is empty."""
        if self.reading.since is None:
            return None
        before = self.memory.marks.get(location)
        full_at = self.now if self.reading.full or before is None else before.full_at
        return Mark(since=self.reading.since, frame=self.frame, full_at=full_at, counted=self.newest)
