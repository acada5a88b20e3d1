"""The registry in one process: look-ups through the tiers, warm at the start, up to date without a restart."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog

from loaders.errors import StoreError
from persisted_queries.documents import Document
from persisted_queries.generations import POLL_SECONDS, Generations
from persisted_queries.memory import CAPACITY, CAPACITY_BYTES, Entry, Memory
from persisted_queries.redis_tier import RedisTier
from persisted_queries.store import DocumentStore, Listing, Reading
from persisted_queries.tiers import STORE_RESTS_SECONDS, Tiers
from persisted_queries.warming import SHARE, START_SECONDS, Warming

P = TypeVar("P")

KEEP_SECONDS = 60
"""How often one of the processes writes what it holds to Redis, which may have been flushed."""

MARGIN = timedelta(minutes=1)
"""How long a publish may take: ``published_at`` is when its transaction began."""

log = structlog.get_logger(__name__)


class Registry(Generic[P]):
    """Answers which registered document an id stands for, prepared.

    prepare: makes of a document what the gateway runs, once for all its ids; what it raises reaches whoever asks.
    weigh: bytes that something prepared takes. capacity, capacity_bytes: of the prepared documents in memory.
    warm_seconds: how long ``ready`` waits for warming at most.
    ready: whether the active deployments have been warmed. Owns ``store`` and ``redis``: opens and closes them.
    """

    def __init__(
        self,
        store: DocumentStore,
        redis: RedisTier | None,
        prepare: Callable[[Document], Awaitable[P]],
        *,
        weigh: Callable[[P], int],
        capacity: int = CAPACITY,
        capacity_bytes: int = CAPACITY_BYTES,
        warm_seconds: float = START_SECONDS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.store = store
        self.redis = redis
        self.memory: Memory[P] = Memory(weigh, capacity=capacity, capacity_bytes=capacity_bytes)
        self.tiers = Tiers(store, redis, prepare, self.memory)
        self.warming: Warming[P] = Warming(self.tiers)
        self.generations = Generations(store, self._told, poll_seconds=poll_seconds)
        self.warm_seconds = warm_seconds
        self.ready = False
        self._warmed_at: datetime | None = None
        self._warmed_for = 0
        self._keep_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def counters(self) -> Counter[str]:
        """Look-ups by the tier that ended them, and what else ``Tiers`` counts."""
        return self.tiers.counters

    @property
    def generation(self) -> int:
        """The generation that this process answers from; 0 before it knows one."""
        return self.tiers.generation

    async def start(self) -> None:
        """Open, listen and warm in the background; returns at once, whether the store answers or not."""
        await self.store.open()
        if self.redis is not None:
            await self.redis.open()
        self._spawn(self._start())

    async def stop(self) -> None:
        """End everything in the background, and close the connections."""
        await self.generations.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.tiers.stop()
        if self.redis is not None:
            await self.redis.close()
        await self.store.close()

    async def get(self, document_id: str) -> Entry[P] | None:
        """The registered document of an id, prepared; None when none is registered under it.

        Raises ``StoreError`` when neither memory nor Redis knows the id and PostgreSQL does not answer.
        """
        return await self.tiers.get(document_id)

    async def _start(self) -> None:
        self.generations.start()
        listing = await self._listing()
        deadline = time.monotonic() + self.warm_seconds
        left = await self.warming.warm(listing, deadline)
        while listing.generation != self.generation and time.monotonic() < deadline:
            # A publish in the meantime: what is prepared already costs nothing again.
            listing = await self._listing()
            left = await self.warming.warm(listing, deadline)
        self._warmed_at = self.tiers.seen_at
        self._warmed_for = self.generation
        self.ready = True
        log.info("registry ready", generation=self.generation, documents=len(self.memory), left=len(left.documents))
        await self._keep()
        await self.warming.warm(left, share=SHARE)

    async def _listing(self) -> Listing:
        while True:
            try:
                listing = await self.store.registered(self.memory.capacity)
                await self.tiers.agrees(listing.generation)
            except StoreError:
                await asyncio.sleep(STORE_RESTS_SECONDS)
            else:
                return listing

    async def _told(self, generation: int) -> None:
        """The store has told its generation, a new one or the one that is known."""
        if generation != self.generation:
            await self.tiers.advance()
        if not self.ready:
            return
        # A look-up may have moved the view before anybody told.
        if self._warmed_for != self.generation:
            since, self._warmed_at, self._warmed_for = self._warmed_at, self.tiers.seen_at, self.generation
            self._spawn(self._warm_published(since and since - MARGIN))
        elif time.monotonic() >= self._keep_at:
            await self._keep()

    async def _warm_published(self, since: datetime | None) -> None:
        """Warm documents of deployments published since; they may take the place of half of what memory holds."""
        limit = max(self.memory.capacity // 2, self.memory.capacity - len(self.memory))
        try:
            listing = await self.store.registered(limit, since=since)
            await self.tiers.agrees(listing.generation)
        except StoreError:
            return
        await self.warming.warm(listing, share=SHARE, coldest=False)
        await self._keep()

    async def _keep(self) -> None:
        """Write what memory holds to Redis, unless another process has: there it outlives PostgreSQL's absence."""
        self._keep_at = time.monotonic() + KEEP_SECONDS
        if self.redis is None or not await self.redis.claim(self.generation, KEEP_SECONDS):
            return
        for document_id, entry in self.memory.entries().items():
            self.redis.write(document_id, Reading(self.generation, entry.document))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
