"""Lanes: the read path's database connections. Each carries one operation at a time, in one read-only snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, Error, InternalError, IsolationLevel, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from loaders.errors import StoreBusy, StoreUnavailable

LANE_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan -c default_transaction_read_only=on -c timezone=UTC -c statement_timeout={}"
)

LOST = (OperationalError, InternalError)
"""What a lost connection raises. Behind a pooler an error and then a hang-up, which psycopg calls an internal error."""


def is_refusal(error: Error) -> bool:
    """Whether the server said so itself, and is well: an internal error with a code, such as a refused write."""
    return isinstance(error, InternalError) and error.sqlstate is not None


OPENING = "SELECT transaction_timestamp()"
OPENING_POOLED = f"{OPENING}, set_config('TimeZone', 'UTC', true), set_config('statement_timeout', '{{}}', true)"


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
        self.opening = OPENING_POOLED.format(statement_timeout_ms) if pooled else OPENING
        self.wait_seconds = wait_seconds
        self._held = 0
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            make_conninfo(
                database_url,
                application_name="larder lane",
                **({} if pooled else {"options": LANE_OPTIONS.format(statement_timeout_ms)}),
            ),
            kwargs={"prepare_threshold": None if pooled else 0},
            min_size=min(2, count),
            max_size=count,
            configure=_configure,
            open=False,
            reconnect_timeout=30,
        )

    async def open(self) -> None:
        """Start connecting; returns at once, whether the store answers or not."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every lane."""
        await self._pool.close()

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
        try:
            yield connection
        finally:
            try:
                await connection.rollback()
            except Error:
                await connection.close()
            finally:
                await self._pool.putconn(connection)
                self._held -= 1


async def _configure(connection: AsyncConnection[Any]) -> None:
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)
