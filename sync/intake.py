"""Takes a source's events in: notes scopes and units, stages records."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sync.problems import Found, Problems
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Tombstone, Unchanged
from sync.repeats import Saying
from sync.scopes import Heard, Scope
from sync.sparse import SparseRecords
from sync.staging import Stager


class RunFailed(Exception):
    """A document that the whole run depends on could not be had."""


class Intake:
    """One run's events, from the first to the last."""

    def __init__(self, stager: Stager, problems: Problems, build: bytes, told: Mapping[str, UUID]) -> None:
        self.stager = stager
        self.build = build
        self.told = told
        self.sayings: dict[str, Saying] = {}
        self.repeated = 0
        self.problems = problems
        self.heard = Heard()
        self.sparse = SparseRecords(stager)

    async def take(self, event: Event) -> None:
        """Take one event. Raises ``RunFailed``, and ``ProtocolBroken`` for an event out of place."""
        match event:
            case Record():
                await self._record(event)
            case Begin():
                scope = self.heard.begin(event)
                if event.mode is Mode.SNAPSHOT:
                    self.sayings[scope.name] = Saying(self.build, self.told.get(scope.name))
            case End():
                await self._end(event)
            case Malformed():
                await self._malformed(event)
            case Tombstone():
                scope = self.heard.opened(event.scope)
                await self._let_go(scope)
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
            saying = self.sayings.get(scope.name)
            if saying is None or not saying.hear(event):
                await self._stage(scope, saying)
                await self.stager.record(scope.begin.confirms, event)

    async def _end(self, event: End) -> None:
        scope = self.heard.end(event)
        saying = self.sayings.pop(scope.name, None)
        if saying is not None and scope.complete:
            scope.digest, scope.repeated = saying.digest, saying.repeats
        if saying is not None and scope.repeated:
            self.repeated += len(saying.let_go())
        await self._stage(scope, saying)

    async def _let_go(self, scope: Scope) -> None:
        """Stage what was held back of a scope that cannot be a mere repetition."""
        await self._stage(scope, self.sayings.pop(scope.name, None))

    async def _stage(self, scope: Scope, saying: Saying | None) -> None:
        for record in saying.let_go() if saying else ():
            await self.stager.record(scope.begin.confirms, record)

    async def finish(self) -> None:
        """Stage what still waits."""
        for name in list(self.sayings):
            await self._let_go(self.heard.scopes[name])
        await self.stager.finish()

    @property
    def rows(self) -> int:
        """Rows that the source said, staged or not."""
        return self.stager.count + self.repeated

    async def _malformed(self, event: Malformed) -> None:
        if event.scope not in self.heard.scopes:
            self.problems.add(Found(event.scope, event.kind, event.key, event.rule, event.value), rows=1)
            return
        scope = self.heard.opened(event.scope)
        scope.keyless = scope.keyless or event.key is None
        await self._let_go(scope)
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
