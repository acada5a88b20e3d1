"""What a run reads of the catalog: all of it, or what changed since the last run.

A delta only tells which items and modifier lists to look at: each is then read whole by its id, so that its rows can be
replaced as one. Where something changed that other objects' rows depend on, everything is read instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from sync.documents import Documents
from sync.errors import DocumentRefused
from sync.sources.square.catalog_shapes import CatalogObject, nested, read_object
from sync.sources.square.marks import Memory
from sync.sources.square.places import Places
from sync.sources.square.requests import Found, instant, retrieve, search
from sync.sources.square.unreadable import Unreadable

SELLABLE = ("ITEM", "MODIFIER_LIST")
"""Objects that have rows of their own."""
NESTED = ("ITEM_VARIATION", "MODIFIER")
"""Objects that change by themselves, and are read with the one that they stand in."""
AHEAD = timedelta(minutes=5)
"""How far Square's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. ``full``: all there is; else ``asked`` are the ids looked at.

    ``things`` are live items and modifier lists; ``broken`` are ids of such that cannot be read; ``others`` are what
    things name. ``since`` is where the next delta begins.
    """

    full: bool
    since: str | None
    things: dict[str, CatalogObject] = field(default_factory=dict)
    broken: dict[str, tuple[str, Unreadable]] = field(default_factory=dict)
    others: dict[str, CatalogObject] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()

    def settled(self, key: str) -> bool:
        """Whether this reading tells all about the object ``key``."""
        return (self.full or key in self.asked) and key not in self.broken


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one merchant's catalog. ``frame`` are the types that other objects' rows depend on."""

    documents: Documents
    places: Places
    memory: Memory
    frame: tuple[str, ...]
    page_size: int

    def begin(self, frame: str, reconcile_hours: float) -> str | None:
        """Where a delta begins; None when everything has to be read.

        ``frame`` names what rows are made of beside the catalog. Locations that were held back begin earlier than the
        others: all begin where the first does.
        """
        marks = [self.memory.marks.get(location) for location in self.places.active]
        known = [mark for mark in marks if mark is not None]
        left = set(self.memory.known) - set(self.places.active) - set(self.places.broken)
        if left or not known or len(known) < len(marks) or any(mark.frame != frame for mark in known):
            return None
        eldest = min(instant(mark.full_at) for mark in known)
        if self.documents.now - eldest >= timedelta(hours=reconcile_hours):
            return None
        return min((mark.since for mark in known), key=instant)

    async def everything(self) -> Reading:
        """All there is. Raises ``DocumentRefused``, also when the listing left out what is there when asked by id."""
        content = {"object_types": [*SELLABLE, *self.frame], "include_deleted_objects": False}
        found = await search(self.documents, {**content, "limit": self.page_size})
        since = self.clock(found)
        await self.surely_gone(self.memory.objects - set(found.heads))
        return self.understood(found, Reading(full=True, since=since))

    async def changes(self, since: str, more: Iterable[str] = ()) -> Reading | None:
        """What changed after ``since`` or could not be read, and the objects ``more``; None: read everything.

        Raises ``DocumentRefused``.
        """
        content = {"object_types": [*SELLABLE, *NESTED, *self.frame], "include_deleted_objects": True}
        found = await search(self.documents, {**content, "begin_time": since, "limit": self.page_size})
        latest = self.clock(found)
        wanted = self.touched(found)
        if wanted is None:
            return None
        wanted |= self.memory.unsure | set(more)
        # Without a change there is nothing that the next run could miss by asking from the same time again.
        reading = Reading(full=False, since=latest if found.heads else since, asked=frozenset(wanted))
        if not wanted:
            return reading
        answered = await retrieve(self.documents, wanted)
        if missing := sorted(key for key in wanted - set(answered.heads) if alive(found, key)):
            raise DocumentRefused("an object that is listed must be there when asked by its id", missing[0])
        return self.understood(answered, reading)

    def clock(self, found: Found) -> str | None:
        """Square's clock for a listing. Raises ``DocumentRefused`` for one that goes back, or is ahead of ours."""
        latest = found.latest_time
        before = max((instant(mark.since) for mark in self.memory.marks.values()), default=None)
        if latest is None:
            if found.heads:
                raise DocumentRefused("a listing must tell its latest_time", "none")
            return None
        if before is not None and instant(latest) < before:
            raise DocumentRefused(f"latest_time must not go back behind {before.isoformat()}", latest)
        not_ahead(latest, self.documents.now)
        return latest

    def touched(self, found: Found) -> set[str] | None:
        """Ids of the items and modifier lists to read; None when other objects' rows depend on what changed."""
        frame = set(found.ids(*self.frame))
        if frame - set(found.ids("IMAGE")) or frame & self.memory.images:
            return None
        wanted = set(found.ids(*SELLABLE))
        for key in found.ids(*NESTED):
            try:
                parent = holder(read_object(found.bodies[key]))
            except Unreadable:
                parent = None
            if parent is None:
                return None
            wanted.add(parent)
        return wanted

    async def surely_gone(self, missing: set[str]) -> None:
        """Raises ``DocumentRefused`` when an object that a listing left out is there when asked by its id."""
        if not missing:
            return
        answered = await retrieve(self.documents, missing)
        for key in sorted(answered.heads):
            if alive(answered, key) and not archived(answered.bodies[key]):
                raise DocumentRefused("a full listing must name every live object", key)

    def understood(self, found: Found, reading: Reading) -> Reading:
        """``reading`` with the objects that were found. Raises ``DocumentRefused``."""
        every: Mapping[str, msgspec.Raw] = {**found.related, **found.bodies}
        for key, raw in every.items():
            head = found.heads.get(key)
            if head is not None and head.type in SELLABLE:
                if head.is_deleted:
                    continue
                try:
                    thing = read_object(raw)
                except Unreadable as exc:
                    reading.broken[key] = (head.type, exc)
                    continue
                self.own(thing)
                reading.things[key] = thing
            elif self.frame:
                other = framing(raw)
                if other.type in self.frame and not other.is_deleted:
                    reading.others[key] = other
        return reading

    def own(self, thing: CatalogObject) -> None:
        """Raises ``DocumentRefused`` for an object at a location of another merchant."""
        for one in (thing, *nested(thing)):
            data = one.item_variation_data or one.modifier_data
            told = {
                *(one.present_at_location_ids or ()),
                *(one.absent_at_location_ids or ()),
                *(override.location_id for override in (data.location_overrides if data else None) or ()),
            }
            if strange := sorted(told - self.places.ids):
                raise DocumentRefused("an object's locations must be the merchant's own", f"{strange[0]} of {one.id}")


def framing(raw: msgspec.Raw) -> CatalogObject:
    """An object that others depend on: when it cannot be read nobody knows what they would be."""
    try:
        return read_object(raw)
    except Unreadable as exc:
        raise DocumentRefused(exc.rule, exc.value) from exc


def alive(found: Found, key: str) -> bool:
    head = found.heads.get(key)
    return head is not None and not head.is_deleted


def archived(raw: msgspec.Raw) -> bool:
    """Whether an item was taken off sale, which a listing may leave out."""
    try:
        found = read_object(raw)
    except Unreadable:
        return False
    return bool(found.item_data and found.item_data.is_archived)


def holder(inner: CatalogObject) -> str | None:
    """Id of the item of a variation, or of the list of a modifier."""
    if inner.item_variation_data is not None:
        return inner.item_variation_data.item_id
    return inner.modifier_data.modifier_list_id if inner.modifier_data else None


def not_ahead(told: str, now: datetime) -> None:
    """Raises ``DocumentRefused`` for a time in the future: what changes until then would go unseen."""
    if instant(told) > now + AHEAD:
        raise DocumentRefused(f"a time must not be later than {now.isoformat(timespec='seconds')}", told)
