"""The store's version counters as of a moment ago: what tells whether an answer that is kept is still right."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from psycopg import AsyncConnection, Error
from psycopg.conninfo import make_conninfo

from loaders.stamps import Tracking
from sync.tracking import tracked_tables

EVERY_SECONDS = 0.05
BOUND_SECONDS = 0.1
IDLE_SECONDS = 2.0
PATIENCE_SECONDS = 1.0
REST_SECONDS = 0.25
TRACKED_SECONDS = 10.0

HEADS_TABLE = "larder_head"

READ = """
SELECT clock_timestamp(), name, sum(value)::bigint FROM larder_head GROUP BY name
UNION ALL SELECT clock_timestamp(), NULL, 0
"""
IDENTITY = """
SELECT concat_ws(' ', system_identifier, timeline_id, (SELECT oid FROM pg_database WHERE datname = current_database()))
FROM pg_control_system(), pg_control_checkpoint()
"""
"""Another cluster, a recovery to an earlier moment, another database: all have versions of their own."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """The heads at one moment.

    clock: the store's, in seconds since 1970. store: which one it is. tracked: table -> the heads that every writer of
    it bumps, as of ``TRACKED_SECONDS`` ago at most.
    """

    values: Mapping[str, int]
    clock: float
    store: str
    tracked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ReadsHeads(Protocol):
    """Where heads are read."""

    async def read(self) -> Reading:
        """All heads. Raises ``OSError`` or ``psycopg.Error`` when the store does not tell."""

    async def close(self) -> None:
        """Let go of what is held."""


class StoreHeads:
    """Reads ``larder_head`` on a connection of its own, opened when needed: no lane is ever waited for."""

    def __init__(self, database_url: str, *, pooled: bool = False) -> None:
        self._address = make_conninfo(database_url, application_name="larder heads", connect_timeout=2)
        self._pooled = pooled
        self._connection: AsyncConnection[Any] | None = None
        self._store = ""
        self._tracked: Mapping[str, tuple[str, ...]] = {}
        self._tracked_at = float("-inf")

    async def read(self) -> Reading:
        """All heads, read committed."""
        try:
            connection = await self._connected()
            if time.monotonic() - self._tracked_at > TRACKED_SECONDS:
                self._tracked, self._tracked_at = await tracked_tables(connection), time.monotonic()
            rows = await (await connection.execute(READ)).fetchall()
        except BaseException:
            # Also a cancelled read: what comes next on this connection would be its answer.
            await self.close()
            raise
        values = {name: value for _, name, value in rows if name is not None}
        return Reading(values, rows[-1][0].timestamp(), self._store, self._tracked)

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await AsyncConnection.connect(
                self._address, autocommit=True, prepare_threshold=None if self._pooled else 0
            )
            row = await (await self._connection.execute(IDENTITY)).fetchone()
            self._store = "" if row is None else row[0]
            self._tracked_at = float("-inf")
        return self._connection

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


class HeadWatch:
    """Knows the heads as they were at most ``bound_seconds`` ago, or says that it does not.

    While it is asked it reads them every ``every_seconds``; when the last reading began longer than ``bound_seconds``
    ago, whoever asks waits for a new one. So an answer that agrees with ``values`` was right ``bound_seconds`` before
    the request came, whatever notification was lost. generation: grows whenever a head does. epoch: grows when one
    shrinks, when a table is tracked no longer, when ``store_name`` is another one: versions then say nothing about the
    former. told: called with the heads that have changed. track: called with what is tracked, when that changes.
    """

    def __init__(
        self,
        store: ReadsHeads,
        *,
        every_seconds: float = EVERY_SECONDS,
        bound_seconds: float = BOUND_SECONDS,
        told: Callable[[frozenset[str]], None] = lambda _: None,
        track: Callable[[Tracking], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.every_seconds = every_seconds
        self.bound_seconds = bound_seconds
        self.told = told
        self.track = track
        self.tracked: Mapping[str, tuple[str, ...]] = {}
        self.values: Mapping[str, int] = {}
        self.store_name = ""
        self.generation = 0
        self.epoch = 0
        self.readings = 0
        self.failures = 0
        self.began = float("-inf")
        self._ahead = 0.0
        self._failed = float("-inf")
        self._asked = float("-inf")
        self._wanted = asyncio.Event()
        self._reading: asyncio.Task[bool] | None = None
        self._loop: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin; returns at once."""
        self._loop = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """End."""
        tasks = [task for task in (self._loop, self._reading) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.store.close()

    @property
    def store_clock(self) -> float:
        """The store's clock in seconds since 1970: never behind it, ahead by the time of one reading at most."""
        return self.store_clock_at(time.monotonic())

    def store_clock_at(self, moment: float) -> float:
        """The same at a moment of ``time.monotonic()``."""
        return moment + self._ahead

    def fresh(self) -> bool:
        """Whether the heads are known well enough at this moment. Costs no more than looking at the clock."""
        self._asked = now = time.monotonic()
        return now - self.began <= self.bound_seconds

    async def refreshed(self, *, anew: bool = False) -> bool:
        """Whether they are, after reading them if need be; ``anew``: by a reading that begins after this call."""
        self._wanted.set()
        if self.fresh() and not anew:
            return True
        asked = self._asked
        since = asked if anew else asked - self.bound_seconds
        while self.began < since:
            if asked - self._failed < REST_SECONDS:
                return False
            # The reading under way may have begun too early; the next one has not.
            if not await asyncio.shield(self._reading or self._begin()):
                return False
        return True

    def _begin(self) -> asyncio.Task[bool]:
        self._reading = asyncio.get_running_loop().create_task(self._read())
        return self._reading

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while time.monotonic() - self._asked < IDLE_SECONDS:
                if self._reading is None and time.monotonic() - self._failed >= REST_SECONDS:
                    await asyncio.shield(self._begin())
                await asyncio.sleep(self.every_seconds)

    async def _read(self) -> bool:
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reading = await self.store.read()
        except (Error, OSError) as error:
            self._failed = time.monotonic()
            self.failures += 1
            if self.failures == 1:
                log.warning("heads cannot be read", error=str(error).partition("\n")[0])
            return False
        finally:
            self._reading = None
        self.failures = 0
        self._take(reading, began)
        return True

    def _take(self, reading: Reading, began: float) -> None:
        untold = self._follow(reading.tracked)
        before = self.values
        names = before.keys() | reading.values.keys()
        changed = frozenset(name for name in names if before.get(name, 0) != reading.values.get(name, 0))
        shrunk = any(reading.values.get(name, 0) < before.get(name, 0) for name in changed)
        if shrunk or untold or (self.store_name and self.store_name != reading.store):
            self.epoch += 1
        self.values, self.store_name, self.began = reading.values, reading.store, began
        # Whatever the reading took: the store's clock was read after it began.
        self._ahead = reading.clock - began
        self.readings += 1
        if changed:
            self.generation += 1
            if self.readings > 1:
                self.told(changed)

    def _follow(self, tracked: Mapping[str, tuple[str, ...]]) -> bool:
        """Pass on what is tracked. Whether a table has lost a head: what relied on it is told of nothing any more."""
        before, self.tracked = self.tracked, tracked
        if before == tracked:
            return False
        self.track(Tracking(HEADS_TABLE, tracked))
        return any(not set(heads) <= set(tracked.get(table, ())) for table, heads in before.items())

    @property
    def world(self) -> str:
        """What versions mean: the store that they are of, and who bumps them."""
        return f"{self.store_name} {sorted(self.tracked.items())}"
