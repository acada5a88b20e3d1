"""Hot refresh: what a publish has outdated and visitors keep asking for is made again before the next one asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import structlog

from gateway.cache.answers import ResponseCache
from gateway.cache.entries import Entry

log = structlog.get_logger(__name__)


class Renewal:
    """Makes at most ``most`` entries again after each change, those served most often first, ``at_once`` side by side.

    An entry that nobody has asked for since it was made is left alone, so a store that changes all the time costs no
    more executions than visitors would.
    """

    def __init__(self, cache: ResponseCache, *, most: int = 64, at_once: int = 1) -> None:
        self.cache = cache
        self.most = most
        self.at_once = at_once
        self._changed: set[str] = set()
        self._told = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to wait for changes."""
        self.cache.watch.told = self.tell
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def tell(self, heads: frozenset[str]) -> None:
        """These heads have changed."""
        self._changed |= heads
        self._told.set()

    def outdated(self, heads: frozenset[str]) -> list[Entry]:
        """What is to be made again, most wanted first."""
        cache = self.cache
        entries = [entry for entry in cache.memory.reading(heads) if not entry.unused and not cache.good(entry)]
        return sorted(entries, key=lambda entry: entry.hits, reverse=True)[: self.most]

    async def _keep(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = frozenset(self._changed), set()
            waiting = iter(self.outdated(changed))
            await asyncio.gather(*[self._renew(waiting) for _ in range(self.at_once)])

    async def _renew(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            try:
                await asyncio.shield(self.cache.renew(entry))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the next visitor meets it too, and is told
                log.warning("an answer could not be renewed", error=type(error).__name__)
