"""Deadlines that hold even where a driver swallows its cancellation, or takes its time to end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STOP_SECONDS = 2.0


class Deadlines:
    """Runs pieces of work, each in a task of its own that is cancelled and left behind at its deadline.

    psycopg takes up to ten seconds to cancel a statement of a silent server; redis-py, asked to connect by many at
    once, can miss a cancellation altogether. Whoever waits for an answer waits for neither.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work. Raises ``TimeoutError`` after ``seconds``, and whatever the work does."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            raise TimeoutError
        return task.result()

    async def stop(self) -> None:
        """Cancel what is left, and wait a little for it to end."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Marks an exception as seen, should nobody have waited to the end.
            task.exception()
