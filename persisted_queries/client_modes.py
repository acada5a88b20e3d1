"""The modes of clients, read from the store again and again: an operator's change needs no restart."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from psycopg import AsyncConnection

from loaders.errors import StoreError
from persisted_queries.policies import Mode
from persisted_queries.store import DocumentStore

READ = "SELECT name, mode FROM larder_client WHERE mode IS NOT NULL"
EVERY_SECONDS = 1.0
TIMEOUT_SECONDS = 1.0

log = structlog.get_logger(__name__)


class ClientModes:
    """Modes by client name, as the store last told them; while it does not answer, the last ones stay.

    known: whether it ever told them.
    """

    def __init__(self, store: DocumentStore, *, every_seconds: float = EVERY_SECONDS) -> None:
        self.store = store
        self.every_seconds = every_seconds
        self.by_name: dict[str, Mode] = {}
        self.known = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._poll())

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Read the modes. Raises ``StoreError`` where the store does not tell them."""
        found = await self.store.run(read_modes, seconds=TIMEOUT_SECONDS)
        # The same object while nothing changes: what was decided by it holds.
        if found != self.by_name:
            self.by_name = found
        self.known = True

    async def _poll(self) -> None:
        answers = True
        while True:
            try:
                await self.refresh()
                answers = True
            except StoreError as error:
                if answers:
                    log.warning("modes of clients cannot be read", error=str(error))
                answers = False
            await asyncio.sleep(self.every_seconds)


async def read_modes(connection: AsyncConnection[tuple[Any, ...]]) -> dict[str, Mode]:
    """Mode by client name, of the clients that have one of their own."""
    found = await connection.execute(READ)
    return {name: Mode(mode) for name, mode in await found.fetchall()}
