"""The way from an id to a prepared operation: memory, then Redis, then PostgreSQL, all seen at one generation."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from loaders.errors import StoreError
from persisted_queries.documents import Document
from persisted_queries.flights import Flights
from persisted_queries.ids import GOOD
from persisted_queries.memory import Entry, Memory
from persisted_queries.negative import Negative
from persisted_queries.redis_tier import RedisTier
from persisted_queries.store import DocumentStore, Reading, Standing

P = TypeVar("P")

STORE_RESTS_SECONDS = 1.0
"""How long a store that did not answer is not waited for again to confirm what Redis says."""


class Tiers(Generic[P]):
    """The registry as this process sees it: at one ``generation`` at a time.

    Whichever tier shows a later generation, the view moves there in one step before anything of it is answered: whoever
    has seen one document of a deployment finds all of it, and nothing that it has replaced.
    counters: memory, negative, redis, store (where look-ups ended), prepared (documents), swaps, dropped (ids).
    """

    def __init__(
        self,
        store: DocumentStore,
        redis: RedisTier | None,
        prepare: Callable[[Document], Awaitable[P]],
        memory: Memory[P],
    ) -> None:
        self.store = store
        self.redis = redis
        self.prepare = prepare
        self.memory = memory
        self.negative = Negative()
        self.generation = 0
        self.seen_at: datetime | None = None
        self.counters: Counter[str] = Counter()
        self._lookups: Flights[Entry[P] | None] = Flights()
        self._preparations: Flights[P] = Flights()
        self._advances: Flights[None] = Flights()
        self._store_rests_until = 0.0

    async def stop(self) -> None:
        """End all look-ups."""
        for flights in (self._lookups, self._preparations, self._advances):
            await flights.stop()

    async def get(self, document_id: str) -> Entry[P] | None:
        """The registered document of an id, prepared; None when none is registered under it. Raises ``StoreError``."""
        entry = self.memory.get(document_id)
        if entry is not None:
            self.counters["memory"] += 1
            return entry
        if document_id in self.negative:
            self.counters["negative"] += 1
            return None
        if not GOOD.fullmatch(document_id):
            return None
        # Whoever asks after a swap must not join a look-up that has read before it.
        return await self._lookups.join((document_id, self.generation), lambda: self._look_up(document_id))

    async def prepared(self, document: Document, *, coldest: bool = False) -> P:
        """What ``prepare`` makes of a document, made once while memory holds it. Raises what ``prepare`` does.

        coldest: where memory keeps it.
        """
        identity = document.identity
        prepared = self.memory.prepared(identity)
        if prepared is None:
            prepared = await self._preparations.join(identity, lambda: self._prepare(document, coldest=coldest))
        return prepared

    async def advance(self) -> None:
        """Move the view to the store's generation: every id in memory is asked about in one statement.

        Raises ``StoreError``.
        """
        await self._advances.join("advance", self._advance)

    async def agrees(self, generation: int) -> bool:
        """Whether what was read at a generation counts, once the view has moved there if it is a later one.

        A store that does not answer cannot contradict Redis.
        """
        # An advance that is joined may have read before that generation; the second one has not.
        for _ in range(2):
            if generation <= self.generation:
                break
            if time.monotonic() < self._store_rests_until:
                return True
            try:
                await self.advance()
            except StoreError:
                self._store_rests_until = time.monotonic() + STORE_RESTS_SECONDS
                return True
        return generation == self.generation

    async def _look_up(self, document_id: str) -> Entry[P] | None:
        reading = await self._read(document_id)
        if reading.document is None:
            if reading.generation == self.generation:
                self.negative.add(document_id)
            return None
        entry = Entry(reading.document, await self.prepared(reading.document))
        # A swap in the meantime did not ask about this id: then what is prepared is all that may be kept.
        self.memory.put((document_id,) if reading.generation == self.generation else (), entry)
        return entry

    async def _read(self, document_id: str) -> Reading:
        if self.redis is not None:
            reading = await self.redis.read(document_id)
            if reading is not None and await self.agrees(reading.generation):
                self.counters["redis"] += 1
                return reading
        reading = await self.store.find(document_id)
        self.counters["store"] += 1
        await self.agrees(reading.generation)
        if self.redis is not None and reading.document is not None:
            self.redis.write(document_id, reading)
        return reading

    async def _prepare(self, document: Document, *, coldest: bool) -> P:
        self.counters["prepared"] += 1
        prepared = await self.prepare(document)
        # Kept before the flight ends, or whoever comes between would begin another.
        self.memory.put((), Entry(document, prepared), coldest=coldest)
        return prepared

    async def _advance(self) -> None:
        self._swap(await self.store.still_registered(self.memory.entries()))

    def _swap(self, standing: Standing) -> None:
        if standing.generation != self.generation:
            self.counters["dropped"] += self.memory.swap(standing.registered)
            self.counters["swaps"] += 1
            self.negative.clear()
            self.generation = standing.generation
        self.seen_at = standing.at
