"""One writer for all deliveries of a process: whatever waits is committed together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
import structlog

from sync.webhooks.arrivals import Arrival, Connection, storable, take

TOGETHER = 500
"""Arrivals that are committed at once, at most."""

MOST_BYTES = 64 * 2**20
"""Of bodies that wait to be committed, at most."""

CONNECT_SECONDS = 3
COMMIT_SECONDS = 5.0
CLOSE_SECONDS = 5.0

log = structlog.get_logger("larder.webhooks")


class InboxFull(Exception):
    """More deliveries wait to be committed than may."""


class InboxAway(Exception):
    """The store did not take the deliveries in time; whether it has is not known."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A delivery's arrivals, and who waits for their commit."""

    arrivals: Sequence[Arrival]
    committed: asyncio.Future[int]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(len(arrival.body or b"") for arrival in self.arrivals)

    @property
    def events(self) -> set[tuple[str, str]]:
        """Source and event id of each arrival, as the store has them."""
        return {(arrival.source, storable(arrival.event_id)) for arrival in self.arrivals}


class InboxWriter:
    """Takes deliveries on a connection of its own, which it opens when it needs it. ``capacity``: that wait at once."""

    def __init__(self, conninfo: str, capacity: int = 2_000, *, seconds: float = COMMIT_SECONDS) -> None:
        self.conninfo = conninfo
        self.capacity = capacity
        self.seconds = seconds
        self._waiting: deque[Waiting] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to take deliveries."""
        self._task = asyncio.create_task(self._write_for_ever(), name="inbox")

    async def close(self) -> None:
        """Commit what waits, and end."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=CLOSE_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._fail(list(self._waiting))
        await self._disconnect()

    async def keep(self, arrivals: Sequence[Arrival]) -> int:
        """How many of the arrivals were not known, once they are committed. Raises ``InboxFull``, ``InboxAway``.

        They may be committed although the caller is cancelled or told that they are not: the supplier sends them again,
        and then they are known.
        """
        waiting = Waiting(arrivals, asyncio.get_running_loop().create_future())
        if self._closing or len(self._waiting) >= self.capacity or self._size + waiting.size > MOST_BYTES:
            raise InboxFull
        self._waiting.append(waiting)
        self._size += waiting.size
        self._arrived.set()
        done, _ = await asyncio.wait({waiting.committed}, timeout=self.seconds)
        if not done:
            raise InboxAway
        return waiting.committed.result()

    async def _write_for_ever(self) -> None:
        while self._waiting or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while together := self._next():
                try:
                    fresh = await self._commit(together)
                except (psycopg.Error, OSError, TimeoutError) as exc:
                    log.warning("deliveries not kept", deliveries=len(together), error=" ".join(str(exc).split()))
                    self._fail(together)
                    await self._disconnect()
                else:
                    for waiting in together:
                        taken = waiting.events & fresh
                        # Of deliveries of one event that are committed together only the first brought it.
                        fresh -= taken
                        if not waiting.committed.done():
                            waiting.committed.set_result(len(taken))

    def _next(self) -> list[Waiting]:
        """Whatever waits, up to so many, and no longer waits then."""
        together: list[Waiting] = []
        count = 0
        while self._waiting and (not together or count + len(self._waiting[0].arrivals) <= TOGETHER):
            waiting = self._waiting.popleft()
            self._size -= waiting.size
            count += len(waiting.arrivals)
            together.append(waiting)
        return together

    async def _commit(self, together: Sequence[Waiting]) -> set[tuple[str, str]]:
        arrivals = [arrival for waiting in together for arrival in waiting.arrivals]
        try:
            return await self._taken(arrivals)
        except psycopg.OperationalError:
            # A connection that the server, or a pooler, has closed meanwhile, or a deadlock with another writer.
            await self._disconnect()
            return await self._taken(arrivals)

    async def _taken(self, arrivals: Sequence[Arrival]) -> set[tuple[str, str]]:
        async with asyncio.timeout(self.seconds):
            if self._connection is None:
                self._connection = await psycopg.AsyncConnection.connect(
                    self.conninfo,
                    autocommit=True,
                    prepare_threshold=None,
                    connect_timeout=CONNECT_SECONDS,
                    application_name="larder webhooks",
                )
            return await take(self._connection, arrivals)

    def _fail(self, together: Sequence[Waiting]) -> None:
        for waiting in together:
            if not waiting.committed.done():
                waiting.committed.set_exception(InboxAway())
                # Nobody may wait for it any more.
                waiting.committed.exception()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                await connection.close()
