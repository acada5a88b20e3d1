"""One pull of one stream: its lists, page by page and side by side, as events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from sync.documents import Document, Documents, Streamed, Wanted
from sync.errors import DocumentRefused
from sync.protocol import Checkpoint, Event, Failed, Malformed, Unchanged
from sync.sources.http_json.declarations import DocumentOf, StreamOf
from sync.sources.http_json.expressions import Unreadable
from sync.sources.http_json.functions import Around
from sync.sources.http_json.mapping import Mapper, key_of
from sync.sources.http_json.opened import Opened, remembered
from sync.sources.http_json.payloads import PayloadOf
from sync.sources.http_json.reading import Items, Reading, bounded
from sync.sources.http_json.requests import Request
from sync.sources.http_json.unread import Tally

BREATH = 250
"""Events after which others have their turn in the event loop: about 10 ms."""
PARENTS = 10_000
"""Items for each of which a document is asked, at most."""


class Pull:
    """One pull. ``ended``: nothing more is to be said, because all failed, or because nothing changed."""

    def __init__(
        self,
        stream: StreamOf,
        payloads: Mapping[str, PayloadOf],
        cursor: Mapping[str, Any],
        documents: Documents,
        tally: Tally,
    ) -> None:
        self.stream = stream
        self.payloads = payloads
        self.cursor = cursor
        self.documents = documents
        self.tally = tally
        self.opened = Opened(stream)
        self.parents: dict[str, list[Any]] = {}
        self.failed = self.ended = False
        self.notes: list[Checkpoint] = []

    async def events(self) -> AsyncGenerator[Event, None]:
        """All that the supplier says."""
        for document in self.stream.documents:
            readings: list[Reading] = []
            for event in self.begin(document, readings):
                yield event
            ask = self.round if document.streamed is None else self.one_by_one
            while readings and not self.ended:
                async with aclosing(ask(readings)) as events:
                    async for event in events:
                        yield event
                readings = [reading for reading in readings if reading.request is not None]
            if self.ended:
                return
        for event in self.opened.close(self.cursor, whole=not self.failed):
            yield event
        for note in self.notes:
            yield note

    def begin(self, document: DocumentOf, readings: list[Reading]) -> Iterator[Event]:
        """The lists to read of a document: one for each parent."""
        for parent in [None] if document.parent is None else self.parents.get(document.parent, []):
            unit: str | None = None
            try:
                if document.tells_units and document.confirms.independent:
                    unit = key_of(document.confirms, None, Around(parent=parent))
                path = document.path.of(parent)
                request = document.paging.first(self.since(document, path))
            except (DocumentRefused, Unreadable) as exc:
                yield self.fail(document.name, unit, exc)
            else:
                readings.append(Reading(document, parent, path, request, unit))

    def since(self, document: DocumentOf, path: str) -> Request:
        """The request for what changed since the last run, or for everything."""
        request = document.request.at(path)
        if document.since is None:
            return request
        value = document.since.first
        match self.cursor.get(since_key(document, path)):
            case {"value": known, "reading": self.stream.reading}:
                value = known
        return request if value is None else request.with_parameter(document.since.parameter, value)

    async def round(self, readings: Sequence[Reading]) -> AsyncGenerator[Event, None]:
        """Ask for the next page of every list."""
        asked: dict[int, tuple[Wanted, Reading]] = {}
        for reading in readings:
            if reading.request is not None:
                wanted = self.wanted(reading.request)
                asked[id(wanted)] = wanted, reading
        async with aclosing(self.documents.many([wanted for wanted, _ in asked.values()])) as answers:
            async for wanted, answer in answers:
                for number, event in enumerate(self.answered(asked[id(wanted)][1], wanted.path, answer), start=1):
                    yield event
                    if number % BREATH == 0:
                        await asyncio.sleep(0)
                if self.ended:
                    return

    async def one_by_one(self, readings: Sequence[Reading]) -> AsyncGenerator[Event, None]:
        """Ask for lists that are read item by item: one after another, so that little is held at once.

        One that breaks off fails as one that never came: what was said of its unit is not published.
        """
        for reading in readings:
            if reading.request is None:
                continue
            wanted, reading.request = self.wanted(reading.request), None
            try:
                async with (
                    self.documents.stream_items(wanted, reading.document.streamed or "") as streamed,
                    aclosing(self.streamed(reading, streamed)) as events,
                ):
                    async for event in events:
                        yield event
            except (DocumentRefused, Unreadable) as exc:
                yield self.fail(wanted.path, reading.unit, exc)
            if self.ended:
                return

    async def streamed(self, reading: Reading, streamed: Streamed) -> AsyncGenerator[Event, None]:
        """What a list says while it comes. Raises ``DocumentRefused``, ``Unreadable``."""
        answer, mapper = streamed.document, self.mapper(reading.document)
        if answer.unchanged:
            for event in self.unchanged(answer):
                yield event
            return
        reading.begin(answer)
        for event in self.open_known(reading):
            yield event
        yield Checkpoint(f"documents/{reading.document.name}", {}, document=answer.path)
        events = 0
        async for item in streamed.items:
            around = Around(bounded(item), parent=reading.parent, position=reading.items)
            reading.items += 1
            for event in self.item(reading, mapper, around):
                yield event
                events += 1
                if events % BREATH == 0:
                    await asyncio.sleep(0)
        self.note(reading, answer)

    def wanted(self, request: Request) -> Wanted:
        """What is asked, with the version that is had."""
        known = known_version(self.stream, self.cursor)
        return request.wanted(known.get("etag"), known.get("modified"))

    def answered(self, reading: Reading, path: str, answer: Document | DocumentRefused) -> Iterator[Event]:
        """What one answer says."""
        try:
            if isinstance(answer, DocumentRefused):
                raise answer
            if answer.unchanged:
                yield from self.unchanged(answer)
                return
            page = reading.take(answer, self.documents.url)
            self.keep_parents(reading.document, page)
            yield from self.open_known(reading)
        except (DocumentRefused, Unreadable) as exc:
            reading.request = None
            yield self.fail(path, reading.unit, exc)
            return
        yield Checkpoint(f"documents/{reading.document.name}", {}, document=path)
        yield from self.items(reading, page)
        if reading.request is None:
            self.note(reading, answer)

    def unchanged(self, answer: Document) -> Iterator[Event]:
        """The supplier has nothing newer: every unit stands as it was published. Raises ``DocumentRefused``."""
        scopes = remembered(self.cursor)
        if not known_version(self.stream, self.cursor):
            raise DocumentRefused("what was not asked about cannot be unchanged", "304")
        for unit in dict.fromkeys(scopes.values()):
            own = tuple(scope for scope, of in scopes.items() if of == unit)
            yield Unchanged(unit, answer.path, answer.told_at, guarded=own if self.stream.guarded else ())
        self.ended = True

    def open_known(self, reading: Reading) -> Iterator[Event]:
        """Open the scope that is known without an item, so that an empty list empties it. Raises ``Unreadable``."""
        if reading.unit is not None and reading.document.scope.independent:
            unit, scope = self.opened.names(reading.document, Around(parent=reading.parent))
            yield from self.opened.open(unit, scope)
            self.opened.told(scope, reading.as_of)

    def items(self, reading: Reading, page: Items) -> Iterator[Event]:
        """The records of a page's items."""
        mapper = self.mapper(reading.document)
        for position, item in enumerate(page.items, start=page.first):
            yield from self.item(reading, mapper, Around(item, page.content, reading.parent, position))

    def item(self, reading: Reading, mapper: Mapper, around: Around) -> Iterator[Event]:
        """The records of one item."""
        document = reading.document
        self.tally.note(document, around.item)
        if not document.tells_units:
            return
        try:
            unit, scope = self.opened.names(document, around)
            yield from self.opened.open(unit, scope)
        except Unreadable as exc:
            self.opened.doubtful = True
            yield Malformed("", "document", document.name, exc.rule, exc.value)
            return
        self.opened.told(scope, reading.as_of)
        yield from mapper.events(scope, around)

    def mapper(self, document: DocumentOf) -> Mapper:
        return Mapper(self.stream.mode, self.payloads, document)

    def note(self, reading: Reading, answer: Document) -> None:
        """Note what the next run shall know of a list that is whole."""
        if reading.unit is not None and reading.since is not None:
            entry = {"value": reading.since, "reading": self.stream.reading}
            self.notes.append(Checkpoint(reading.unit, {since_key(reading.document, reading.path): entry}))
        version = {"etag": answer.etag, "modified": answer.headers.get("last-modified")}
        if self.stream.conditional and any(version.values()):
            entry = {**version, "reading": self.stream.reading}
            units = dict.fromkeys(self.opened.units.values())
            self.notes.extend(Checkpoint(unit, {version_key(unit): entry}) for unit in units)

    def keep_parents(self, document: DocumentOf, page: Items) -> None:
        """Keep the items that other documents are asked for. Raises ``DocumentRefused`` for too many."""
        if any(other.parent == document.name for other in self.stream.documents):
            kept = self.parents.setdefault(document.name, [])
            kept.extend(page.items)
            if len(kept) > PARENTS:
                raise DocumentRefused(f"documents are asked for at most {PARENTS} items of {document.name}", "more")

    def fail(self, document: str, unit: str | None, exc: DocumentRefused | Unreadable) -> Failed:
        """A document could not be had or read. Without a unit of its own, everything depends on it."""
        self.failed = True
        self.ended = self.ended or unit is None
        return Failed(unit, document, exc.rule, exc.value)


def known_version(stream: StreamOf, cursor: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version of the one document that every unit was published from; empty when they differ, or there is none."""
    if not stream.conditional:
        return {}
    first, *others = [*(cursor.get(version_key(unit)) for unit in {*remembered(cursor).values()}), None]
    if not isinstance(first, dict) or first.get("reading") != stream.reading:
        return {}
    return first if all(other == first for other in others[:-1]) else {}


def since_key(document: DocumentOf, path: str) -> str:
    return f"since/{document.name}/{path}"


def version_key(unit: str) -> str:
    return f"version/{unit}"
