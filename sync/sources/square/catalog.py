"""The stream ``catalog``: locations, menus, items, choices and prices."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any

from sync.documents import Documents
from sync.errors import DocumentRefused
from sync.protocol import Begin, End, Event, Failed, Mode, Unchanged
from sync.sources.square.catalog_shapes import CatalogObject
from sync.sources.square.items import object_events
from sync.sources.square.layout import Layout, closed, refused_scope
from sync.sources.square.marks import Known, Mark, Memory
from sync.sources.square.options import SquareOptions
from sync.sources.square.place_shapes import Location
from sync.sources.square.places import Places, language, list_places, location_events
from sync.sources.square.reading import Reader, Reading
from sync.sources.square.requests import LOCATIONS, SEARCH
from sync.sources.square.sections import OTHER, other_section_events, placements, section_events
from sync.sources.square.shelf import Shelf, sold_at
from sync.sources.square.unreadable import Unreadable

STREAM = "catalog"
FRAME = ("CATEGORY", "TAX", "IMAGE")


async def pull_catalog(
    options: SquareOptions, documents: Documents, cursor: dict[str, Any]
) -> AsyncGenerator[Event, None]:
    """Everything at first and every ``reconcile_hours``; in between what changed."""
    memory = Memory.read(cursor)
    asked = LOCATIONS
    try:
        places = await list_places(documents, options.merchant or memory.merchant, memory.known)
        asked = SEARCH
        frame = places.digest(options)
        reader = Reader(documents, places, memory, FRAME, options.page_size)
        since = reader.begin(frame, options.reconcile_hours)
        reading = await reader.changes(since) if since else None
        if reading is None or unsettling(places, memory, reading):
            reading = await reader.everything()
    except DocumentRefused as exc:
        yield Failed(None, asked, exc.rule, exc.value)
        return
    for event in Catalog(options, places, memory, reading, frame, documents.now.isoformat()).events():
        yield event


def unsettling(places: Places, memory: Memory, reading: Reading) -> bool:
    """Whether a delta changes what the rows of objects that it does not name depend on.

    That is which modifier lists a location has, and whether it needs a section for items in no category.
    """
    for location in places.active:
        known = memory.known.get(location) or Known(merchant=places.merchant)
        lists = {key for key, thing in reading.things.items() if thing.modifier_list_data and sold_at(thing, location)}
        if lists - set(known.lists) or {key for key in known.lists if reading.settled(key)} - lists:
            return True
        if bool(known.loose) != bool(loose(location, known, reading)):
            return True
    return False


def loose(location: str, known: Known, reading: Reading) -> set[str]:
    """Ids of the items of a location that are in no category which it shows."""
    before = {key for key in known.loose if not reading.settled(key)}
    return before | {
        key
        for key, thing in reading.things.items()
        if thing.item_data
        and sold_at(thing, location)
        and OTHER in placements(thing.item_data, location, reading.others)
    }


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a run says about every location."""

    options: SquareOptions
    places: Places
    memory: Memory
    reading: Reading
    frame: str
    now: str

    def events(self) -> Iterator[Event]:
        for broken, why in self.places.broken.items():
            yield Failed(broken, LOCATIONS, why.rule, why.value)
        for location in self.places.active.values():
            yield from self.at(location)
        for gone in sorted(set(self.memory.known) - set(self.places.active) - set(self.places.broken)):
            yield from closed(STREAM, gone, self.memory.known[gone], self.places.told_at)

    def at(self, location: Location) -> Iterator[Event]:
        """What it says about one."""
        reading, as_of = self.reading, self.places.told_at
        if not reading.full and not reading.asked:
            yield Unchanged(location.id, SEARCH, as_of)
            return
        known = self.memory.known.get(location.id) or Known(merchant=self.places.merchant)
        groups = self.groups(location, known)

        def rows(thing: CatalogObject) -> Iterator[Event]:
            return object_events(thing, self.shelf(location, groups, thing.id))

        def remembered(has: set[str], unsure: set[str]) -> Known:
            read = {key: reading.things[key].item_data for key in has if key in reading.things}
            images = {image for item in read.values() if item for image in item.image_ids or ()}
            return Known(
                merchant=self.places.merchant,
                objects=tuple(sorted(has)),
                lists=tuple(sorted(groups & has)),
                # A delta does not tell which other item still names an image: the next full run does.
                images=tuple(sorted(images | set(() if reading.full else known.images))),
                loose=tuple(sorted(loose(location.id, known, reading) & has)),
                unsure=tuple(sorted(unsure)),
            )

        layout = Layout(STREAM, location.id, reading, known, as_of, rows)
        yield from layout.events(list(self.head(location, known)), self.mark(location.id), remembered)

    def mark(self, location: str) -> Mark | None:
        """Up to where the location is read; None for a catalog that has no clock yet, since it is empty."""
        if self.reading.since is None:
            return None
        before = self.memory.marks.get(location)
        full_at = self.now if self.reading.full or before is None else before.full_at
        return Mark(since=self.reading.since, frame=self.frame, full_at=full_at)

    def head(self, location: Location, known: Known) -> Iterator[Event]:
        """The location and its menus with their sections: all that is no object's own. A delta leaves it as it is."""
        if not self.reading.full:
            return
        scope, refused, others = location.id, refused_scope(location.id), self.reading.others
        categories = {key: other for key, other in others.items() if other.type == "CATEGORY"}
        yield Begin(STREAM, Mode.SNAPSHOT, scope, confirms=location.id)
        yield from location_events(scope, refused, location, self.options)
        yield from section_events(scope, refused, location.id, categories, self.options)
        if loose(location.id, known, self.reading):
            yield from other_section_events(scope, location.id, language(location, self.options), self.options)
        yield End(scope, complete=True, as_of=self.places.told_at)

    def shelf(self, location: Location, groups: set[str], key: str) -> Shelf:
        scope = f"{location.id}/{key}"
        return Shelf(location, self.options, self.reading.others, groups, scope, refused_scope(location.id))

    def groups(self, location: Location, known: Known) -> set[str]:
        """Ids of the modifier lists that have rows at the location."""
        found = {key for key in known.lists if not self.reading.settled(key)}
        for key, thing in self.reading.things.items():
            if (
                thing.modifier_list_data
                and sold_at(thing, location.id)
                and (key in known.lists or self.legible(thing, location))
            ):
                found.add(key)
        return found

    def legible(self, thing: CatalogObject, location: Location) -> bool:
        """Whether a modifier list's rows can be made."""
        try:
            list(object_events(thing, self.shelf(location, set(), thing.id)))
        except Unreadable:
            return False
        return True
