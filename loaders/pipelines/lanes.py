"""The lanes that pipelines run on: a bounded set of connections, opened when needed and replaced when they break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from psycopg import OperationalError

from loaders.errors import StoreUnavailable
from loaders.lane_usage import LaneUsage
from loaders.pipelines.calls import Call, MakeCalls, PipelineLane, Prepared, Rows
from loaders.pipelines.connecting import Address
from loaders.pipelines.faults import CONFLICTS
from loaders.pipelines.lane_queue import LaneQueue
from loaders.pipelines.pq_lane import PqLane
from loaders.pipelines.psycopg_lane import PsycopgLane
from loaders.pipelines.rows import Decoders

Driver = Literal["pq", "psycopg"]
DRIVERS: dict[Driver, type[PqLane | PsycopgLane]] = {"pq": PqLane, "psycopg": PsycopgLane}

EXPORT = Call(Prepared(b"larder_export_snapshot", b"SELECT pg_export_snapshot()", ()), (), ())


class PipelineLanes:
    """``count`` lanes at most; operations wait for a free one in the order in which they came.

    wait_seconds: how long an operation waits. statement_timeout_ms: the longest that PostgreSQL works on one
    statement. driver: ``pq`` (fast) or ``psycopg`` (psycopg's public API). pooled: the address is that of a pooler in
    transaction mode.

    ``run`` and ``hold`` raise ``StoreBusy`` when no lane comes free in time, ``StoreUnavailable`` when none can be
    opened, when the connection is lost twice, or when the store gives a statement up (statement timeout). Errors of
    psycopg that are not operational pass: ``psycopg.DataError`` for a value that the store cannot hold.
    """

    def __init__(
        self,
        database_url: str,
        *,
        count: int = 3,
        wait_seconds: float = 5.0,
        statement_timeout_ms: int = 10_000,
        driver: Driver = "pq",
        pooled: bool = False,
    ) -> None:
        self.count = count
        self._address = Address(database_url, statement_timeout_ms, pooled)
        self._decoders = Decoders()
        self._queue = LaneQueue(self._connect, count=count, wait_seconds=wait_seconds)
        self._driver = DRIVERS[driver]

    @property
    def usage(self) -> LaneUsage:
        """How busy they are."""
        return self._queue.usage

    async def open(self) -> None:
        """Start connecting; returns at once, whether the store answers or not."""
        self._queue.open()

    async def close(self) -> None:
        """Close every lane. What runs on them fails."""
        await self._queue.close()

    async def run(self, make: MakeCalls) -> list[Rows]:
        """Run what ``make`` returns as one pipeline, in one snapshot; the rows of each call, in order.

        ``make`` is called once, when a lane is free.
        """
        lane, rows = await self._start(make, hold=False)
        self._queue.give_back(lane)
        return rows

    @asynccontextmanager
    async def hold(self, make: MakeCalls) -> AsyncIterator[tuple[list[Rows], str]]:
        """Run one pipeline and keep its snapshot open; yields the rows and the snapshot's name.

        Other transactions see the same with ``SET TRANSACTION SNAPSHOT``, as long as the context lasts.
        """
        lane, rows = await self._start(lambda: [*make(), EXPORT], hold=True)
        try:
            *wanted, exported = rows
            [[snapshot]] = exported.load(0, 1)
            yield wanted, snapshot
        finally:
            try:
                await lane.rollback()
            except OperationalError:
                await lane.close()
            finally:
                self._queue.give_back_settled(lane)

    async def _start(self, make: MakeCalls, *, hold: bool) -> tuple[PipelineLane, list[Rows]]:
        """Take a lane and run the pipeline; on another lane when the first one is lost under it.

        What kills one lane often kills all, and those that were idle may not have noticed yet. So lanes that are older
        than the first loss are used up; the second loss that counts is that of a younger one, or a slow one.
        """
        lane = await self._queue.take()
        try:
            calls = make()
        except BaseException:
            self._queue.give_back(lane)
            raise
        failed_at = None
        while True:
            try:
                return lane, await self._run(lane, calls, hold=hold)
            except OperationalError as error:
                if not lane.lost and not isinstance(error, CONFLICTS):
                    raise StoreUnavailable from error
                now = asyncio.get_running_loop().time()
                if failed_at is None:
                    failed_at = now
                elif not lane.lost or lane.opened_at > failed_at or now > failed_at + self._queue.wait_seconds:
                    raise StoreUnavailable from error
            lane = await self._queue.take()

    async def _run(self, lane: PipelineLane, calls: Sequence[Call], *, hold: bool) -> list[Rows]:
        try:
            return await lane.run(calls, hold=hold)
        except BaseException:
            self._queue.give_back_settled(lane)
            raise

    async def _connect(self, on_lost: Callable[[PipelineLane], None]) -> PipelineLane:
        began = asyncio.get_running_loop().time()
        lane = await self._driver.open(self._address, self._decoders, on_lost)
        # What kills every session of the server also kills those that are just connecting.
        lane.opened_at = began
        return lane
