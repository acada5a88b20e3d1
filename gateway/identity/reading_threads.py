"""Threads for code that blocks, with a bound on who waits for one and on how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from gateway.identity.authenticators import unavailable

T = TypeVar("T")

THREADS = 2
WAITING = 200
DEADLINE_SECONDS = 2.0


class ReadingThreads(Generic[T]):
    """Runs ``read`` in ``THREADS`` threads; at most ``WAITING`` keys are read or wait to be."""

    def __init__(self, name: str, read: Callable[[str], T]) -> None:
        self.read = read
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"larder-{name}")
        self._waiting = 0

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

    async def of(self, key: str) -> T:
        """What ``read`` returns for the key.

        Raises ``RequestError`` at once where too many wait, ``TimeoutError`` after ``DEADLINE_SECONDS``, and what
        ``read`` raises.
        """
        if self._waiting >= WAITING:
            raise unavailable("Too many sessions wait to be read.")
        self._waiting += 1
        reading = asyncio.get_running_loop().run_in_executor(self._threads, self.read, key)
        reading.add_done_callback(self._done)
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await asyncio.shield(reading)

    def _done(self, reading: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not reading.cancelled():
            # Marks an exception as seen, should the deadline have passed before.
            reading.exception()
