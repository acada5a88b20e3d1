"""Takes a source's events in: notes scopes and units, stages records."""

from __future__ import annotations

from sync.problems import Found, Problems
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Tombstone, Unchanged
from sync.scopes import Heard
from sync.sparse import SparseRecords
from sync.staging import Stager


class RunFailed(Exception):
    """A document that the whole run depends on could not be had."""


class Intake:
    """One run's events, from the first to the last."""

    def __init__(self, stager: Stager, problems: Problems) -> None:
        self.stager = stager
        self.problems = problems
        self.heard = Heard()
        self.sparse = SparseRecords(stager)

    async def take(self, event: Event) -> None:
        """Take one event. Raises ``RunFailed``, and ``ProtocolBroken`` for an event out of place."""
        match event:
            case Record():
                await self._record(event)
            case Begin():
                self.heard.begin(event)
            case End():
                self.heard.end(event)
            case Malformed():
                await self._malformed(event)
            case Tombstone():
                scope = self.heard.opened(event.scope)
                await self.stager.tombstone(scope.begin.confirms, event)
            case Checkpoint():
                self.heard.unit(event.confirms).note(event.cursor)
                self.heard.documents.update([event.document] if event.document else [])
            case Unchanged():
                self.heard.unit(event.confirms).hear(event.as_of)
                self.heard.unit(event.confirms).kept.extend(event.guarded)
                self.heard.documents.add(event.document)
                self.heard.unchanged.add(event.document)
            case Failed():
                self._failed(event)

    async def _record(self, event: Record) -> None:
        scope = self.heard.opened(event.scope)
        if not event.key:
            await self._malformed(Malformed(event.scope, event.kind, None, "a key must not be empty", repr(event.key)))
        elif scope.begin.mode is Mode.SPARSE:
            self.sparse.take(event)
        else:
            await self.stager.record(scope.begin.confirms, event)

    async def _malformed(self, event: Malformed) -> None:
        if event.scope not in self.heard.scopes:
            self.problems.add(Found(event.scope, event.kind, event.key, event.rule, event.value), rows=1)
            return
        scope = self.heard.opened(event.scope)
        scope.keyless = scope.keyless or event.key is None
        if event.key is not None and scope.begin.mode is Mode.SPARSE:
            self.sparse.take(event)
        else:
            await self.stager.malformed(scope.begin.confirms, event)

    def _failed(self, event: Failed) -> None:
        self.heard.documents.add(event.document)
        self.heard.failed.add(event.document)
        if event.confirms is None:
            raise RunFailed(f"{event.document}: {event.rule}: {event.value}")
        self.problems.add(Found(event.confirms, "document", event.document, event.rule, event.value))
        self.heard.unit(event.confirms).failed = True
