"""Identity's own connections to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, TooManyRequests

from loaders.errors import StoreBusy, StoreError, StoreUnavailable
from persisted_queries.breaker import Breaker
from persisted_queries.deadlines import Deadlines

CONNECTIONS = 2
WAITING = 200
"""Look-ups that may wait for a connection; more are refused at once."""

TIMEOUT_SECONDS = 1.0
REST_SECONDS = 0.5
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 2}


class IdentityStore:
    """At most ``CONNECTIONS`` connections, none before the first question.

    A store that does not answer is left alone until a probe in the background finds it well, so that who is known
    already does not wait for it. pooled: the address is that of a pooler in transaction mode.
    """

    def __init__(self, database_url: str, *, pooled: bool = False, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.timeout_seconds = timeout_seconds
        self.breaker = Breaker(self._well, failures=1, rest_seconds=REST_SECONDS)
        self._deadlines = Deadlines()
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            make_conninfo(database_url, application_name="larder identity", **KEEPALIVE),
            kwargs={"autocommit": True, "prepare_threshold": None if pooled else 0},
            min_size=0,
            max_size=CONNECTIONS,
            max_waiting=WAITING,
            timeout=timeout_seconds,
            reconnect_timeout=2,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def open(self) -> None:
        """Allow connections; returns at once."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections."""
        await self.breaker.stop()
        await self._deadlines.stop()
        await self._pool.close()

    async def rows(self, statement: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        """The rows that a statement returns. Raises ``StoreUnavailable``, ``StoreBusy``."""
        if self.breaker.open:
            raise StoreUnavailable
        try:
            found = await self._ask(statement, values)
        except StoreUnavailable:
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        return found

    async def _ask(self, statement: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        try:
            return await self._deadlines.within(self.timeout_seconds, self._rows(statement, values))
        except TooManyRequests as error:
            raise StoreBusy from error
        except (Error, OSError) as error:
            raise StoreUnavailable from error

    async def _rows(self, statement: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall() if cursor.description else []

    async def _well(self) -> bool:
        try:
            await self._ask("SELECT 1", [])
        except StoreError:
            return False
        return True
