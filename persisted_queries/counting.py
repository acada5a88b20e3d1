"""Counts uses of documents in memory and adds them to the store now and then: no request ever writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from loaders.errors import StoreError
from persisted_queries.store import Connection, DocumentStore
from persisted_queries.usage import Counted, merge_usage

FLUSH_SECONDS = 10.0
CAPACITY = 20_000
"""Numbers kept, one per document, client and day. What would need one more is not counted, but told in ``lost``."""

STOP_SECONDS = 2.0


MARGIN_SECONDS = 1.0
"""How much sooner PostgreSQL gives a flush up than its client does: so it is known not to be written."""


async def merge(counts: Counter[Counted], seconds: float, connection: Connection) -> None:
    """Add counts to the store, within seconds or not at all."""
    async with connection.transaction():
        await connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
        await merge_usage(connection, counts)


class UsageCounter:
    """Counts by document, client and day (UTC); flushed every ``flush_seconds`` and at the end.

    A flush that fails is tried again with the next one. Works over a store that somebody else opens and closes.
    """

    def __init__(self, store: DocumentStore, *, flush_seconds: float = FLUSH_SECONDS, capacity: int = CAPACITY) -> None:
        self.store = store
        self.flush_seconds = flush_seconds
        self.capacity = capacity
        self.lost = 0
        self._counts: Counter[Counted] = Counter()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def count(self, sha256: str, client: str | None) -> None:
        """One use of a document by a client, None if it tells no name."""
        key = (sha256, client or "", datetime.now(UTC).date())
        if key in self._counts or len(self._counts) < self.capacity:
            self._counts[key] += 1
        else:
            self.lost += 1

    def start(self) -> None:
        """Flush in the background from now on."""
        self._stopping.clear()
        self._task = asyncio.get_running_loop().create_task(self._flush_often())

    async def stop(self) -> None:
        """End that, and flush what is left. To be called before the store is closed."""
        # A flush under way is waited for: cancelled, it could be written and counted again.
        self._stopping.set()
        if self._task is not None:
            await self._task
        await self.flush(seconds=STOP_SECONDS)

    async def flush(self, *, seconds: float = FLUSH_SECONDS) -> None:
        """Add what was counted to the store; it stays counted if the store does not take it."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        written = False
        try:
            await self.store.run(partial(merge, counts, seconds), seconds=seconds + MARGIN_SECONDS)
            written = True
        except StoreError:
            return
        finally:
            if not written:
                self._counts.update(counts)

    async def _flush_often(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self.flush_seconds)
            await self.flush()
