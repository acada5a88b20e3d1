"""Notices that the registry has changed: told by PostgreSQL, and asking every second in case it was not told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog
from psycopg import Error

from loaders.errors import StoreError
from persisted_queries.store import DocumentStore

POLL_SECONDS = 1.0
RECONNECT_SECONDS = 0.5

log = structlog.get_logger(__name__)


class Generations:
    """Calls ``changed`` with each generation that the store tells, the known ones too.

    Two ways, because a notification can be lost: a connection can be cut without either end noticing, and a pooler
    passes none on. The listener tells the generation after every (re)connect, the poll every ``poll_seconds``.
    """

    def __init__(
        self,
        store: DocumentStore,
        changed: Callable[[int], Awaitable[None]],
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.store = store
        self.changed = changed
        self.poll_seconds = poll_seconds
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin both ways."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._poll()), loop.create_task(self._listen())]

    async def stop(self) -> None:
        """End both."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with aclosing(self.store.changes()) as changes:
                    async for generation in changes:
                        await self._tell(generation)
            except (Error, OSError) as error:
                log.warning("registry notifications lost", error=str(error).partition("\n")[0])
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self.poll_seconds)
            try:
                generation = await self.store.generation()
            except StoreError:
                continue
            await self._tell(generation)

    async def _tell(self, generation: int) -> None:
        try:
            await self.changed(generation)
        except StoreError:
            # The next poll asks again.
            return
        except Exception:
            log.exception("registry change failed", generation=generation)
