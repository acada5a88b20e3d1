"""Lanes: the read path's database connections. Each carries one operation at a time, in one read-only snapshot."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil
from typing import Any

from psycopg import AsyncConnection, Error, InternalError, IsolationLevel, OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from loaders.deadline import DEADLINE, remaining_seconds
from loaders.errors import StoreBusy, StoreUnavailable
from loaders.lane_usage import LaneUsage
from loaders.pipelines.connecting import KEEPALIVE

LANE_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan -c default_transaction_read_only=on -c timezone=UTC -c statement_timeout={}"
)

LOST = (OperationalError, InternalError)
"""What a lost connection raises. Behind a pooler an error and then a hang-up, which psycopg calls an internal error."""


def is_refusal(error: Error) -> bool:
    """Whether the server said so itself, and is well: an internal error with a code, such as a refused write."""
    return isinstance(error, InternalError) and error.sqlstate is not None


OPENING = "SELECT transaction_timestamp()"
OPENING_WITHIN = f"{OPENING}, set_config('statement_timeout', '{{}}', true)"
OPENING_POOLED = f"{OPENING_WITHIN}, set_config('TimeZone', 'UTC', true)"

RECONNECT_SECONDS = 2.0
"""The pool pauses twice as long after each attempt to connect, and begins anew after so long, when somebody waits."""

LET_GO_SECONDS = 1.0
"""How long after the operation's deadline a lane may take to end its transaction; then its connection is cut."""


class Lanes:
    """A bounded set of connections, opened in the background and replaced when they break.

    count: lanes at most, so also operations that read at once. wait_seconds: how long an operation waits for a free
    one. statement_timeout_ms: the longest that PostgreSQL works on one statement. pooled: the address is that of a
    pooler in transaction mode, which passes no connection options on and keeps no prepared statements.
    """

    def __init__(
        self,
        database_url: str,
        *,
        count: int = 8,
        wait_seconds: float = 5.0,
        statement_timeout_ms: int = 10_000,
        pooled: bool = False,
    ) -> None:
        self.count = count
        self.pooled = pooled
        self.statement_timeout_ms = statement_timeout_ms
        self.wait_seconds = wait_seconds
        self._held = 0
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            make_conninfo(
                "",
                **{**KEEPALIVE, **conninfo_to_dict(database_url)},
                application_name="larder lane",
                **({} if pooled else {"options": LANE_OPTIONS.format(statement_timeout_ms)}),
            ),
            kwargs={"prepare_threshold": None if pooled else 0},
            min_size=min(2, count),
            max_size=count,
            configure=_configure,
            open=False,
            reconnect_timeout=RECONNECT_SECONDS,
        )

    @property
    def usage(self) -> LaneUsage:
        """How busy they are."""
        told = self._pool.get_stats()
        return LaneUsage(self._held, told.get("pool_available", 0), told.get("requests_waiting", 0))

    async def open(self) -> None:
        """Start connecting; returns at once, whether the store answers or not."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every lane."""
        await self._pool.close()

    @property
    def opening(self) -> str:
        """The statement that begins a session. PostgreSQL works on none beyond the operation's deadline.

        In whole seconds, so that lanes know few such statements.
        """
        left = remaining_seconds()
        timeout_ms = self.statement_timeout_ms if left is None else max(1, ceil(left)) * 1000
        if self.pooled:
            return OPENING_POOLED.format(min(timeout_ms, self.statement_timeout_ms))
        return OPENING if timeout_ms >= self.statement_timeout_ms else OPENING_WITHIN.format(timeout_ms)

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[AsyncConnection[Any]]:
        """Hold one lane. Whatever happens inside, its transaction ends with it.

        Raises ``StoreBusy`` when none comes free in time, ``StoreUnavailable`` when none can be opened.
        """
        try:
            connection = await self._pool.getconn(timeout=self.wait_seconds)
        except PoolTimeout as error:
            raise (StoreBusy if self._held >= self.count else StoreUnavailable) from error
        self._held += 1
        deadline = DEADLINE.get()
        loop = asyncio.get_running_loop()
        watch = None if deadline is None else loop.call_at(deadline + LET_GO_SECONDS, cut, connection)
        try:
            yield connection
        finally:
            try:
                await connection.rollback()
            except Error:
                await connection.close()
            finally:
                if watch is not None:
                    watch.cancel()
                await self._pool.putconn(connection)
                self._held -= 1


def cut(connection: AsyncConnection[Any]) -> None:
    """End the connection for whoever waits for it, however silent the other side is."""
    if connection.closed:
        return
    with socket.socket(fileno=os.dup(connection.fileno())) as twin:
        twin.shutdown(socket.SHUT_RDWR)


async def _configure(connection: AsyncConnection[Any]) -> None:
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
