"""The events of one location: a scope for each object, so that a delta of objects replaces the rows of each as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sync.protocol import Begin, Checkpoint, End, Event, Malformed, Mode, Unchanged
from sync.records import ItemRecord, OptionGroupRecord
from sync.sources.square.catalog_shapes import CatalogObject
from sync.sources.square.marks import Known, Mark, marked, remembered
from sync.sources.square.reading import Reading
from sync.sources.square.requests import SEARCH
from sync.sources.square.shelf import sold_at
from sync.sources.square.unreadable import Unreadable

KINDS = {"ITEM": ItemRecord.kind, "MODIFIER_LIST": OptionGroupRecord.kind}

Rows = Callable[[CatalogObject], Iterator[Event]]
"""The rows of an object that is sold at the location. Raises ``Unreadable``."""


def refused_scope(location: str) -> str:
    """The scope of rows that could not be read.

    It is a DELTA, so that the location's mark is not given up for it: such rows stay as they are, and their objects
    alone are asked for again.
    """
    return f"{location}//refused"


@dataclass(slots=True)
class Layout:
    """One location's part of a run. ``kinds``: object type -> kind of the row that says that it cannot be read."""

    stream: str
    location: str
    reading: Reading
    known: Known
    as_of: datetime | None
    rows: Rows
    kinds: dict[str, str] = field(default_factory=lambda: dict(KINDS))

    def events(
        self, before: list[Event], mark: Mark | None, known: Callable[[set[str], set[str]], Known]
    ) -> Iterator[Event]:
        """All of them, with ``before``; where something of that cannot be read there is no mark.

        ``known`` gives what to remember, from the ids of what the location has and of what is to be asked for again.
        """
        rows, broken = self.read()
        left = {key for key in self.known.objects if self.reading.settled(key)} - set(rows) - set(broken)
        yield from self.broken_events(broken)
        refused = refused_scope(self.location)
        yield Begin(self.stream, Mode.DELTA, refused, confirms=self.location)
        yield from before
        for key, found in [*rows.items(), *((gone, []) for gone in sorted(left))]:
            yield from self.scope(key, found)
        yield End(refused, complete=True, as_of=self.as_of)
        has = (set(self.known.objects) - left) | set(rows)
        if kept := has - set(rows):
            scopes = tuple(f"{self.location}/{key}" for key in sorted(kept))
            yield Unchanged(self.location, SEARCH, self.as_of, guarded=scopes)
        certain = not spoilt(before)
        yield Checkpoint(self.location, marked(self.location, mark if certain else None), document=SEARCH)
        waiting = {key for key in self.known.unsure if not self.reading.settled(key)}
        unsure = waiting | set(broken) | {key for key, found in rows.items() if spoilt(found)}
        yield Checkpoint(self.location, remembered(self.location, known(has, unsure)))

    def read(self) -> tuple[dict[str, list[Event]], dict[str, tuple[str, Unreadable]]]:
        """The rows of each object that is sold here, and the type and the reason of each that cannot be read."""
        rows: dict[str, list[Event]] = {}
        broken = dict(self.reading.broken)
        for key, thing in self.reading.things.items():
            if sold_at(thing, self.location):
                try:
                    rows[key] = list(self.rows(thing))
                except Unreadable as exc:
                    broken[key] = (thing.type, exc)
        return rows, broken

    def broken_events(self, broken: dict[str, tuple[str, Unreadable]]) -> Iterator[Event]:
        """Objects of which nobody can tell the rows: those that are stored stay, and do not get younger.

        Their checkpoint is one of its own, so that the location's mark is not given up for them.
        """
        for key, (kind, why) in broken.items():
            named = Malformed(f"{self.location}/{key}", self.kinds[kind], None, why.rule, f"{key}: {why.value}")
            yield from self.scope(key, [named])
        yield Checkpoint(self.location, {})

    def scope(self, key: str, rows: list[Event]) -> Iterator[Event]:
        """The scope of one object."""
        scope = f"{self.location}/{key}"
        yield Begin(self.stream, Mode.SNAPSHOT, scope, confirms=self.location, guarded=True)
        yield from rows
        yield End(scope, complete=True, as_of=self.as_of)


def spoilt(found: list[Event]) -> bool:
    """Whether something could not be read."""
    return any(isinstance(event, Malformed) for event in found)


def closed(stream: str, location: str, known: Known, as_of: datetime | None) -> Iterator[Event]:
    """The end of a location that the merchant no longer has, or no longer runs."""
    for scope in (location, *(f"{location}/{key}" for key in known.objects)):
        yield Begin(stream, Mode.SNAPSHOT, scope, confirms=location, guarded=True)
        yield End(scope, complete=True, as_of=as_of)
    yield Checkpoint(location, {**marked(location, None), **remembered(location, None)}, document=SEARCH)
