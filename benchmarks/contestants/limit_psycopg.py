"""Hand-written SQL on psycopg's async connections: re-used binary cursors, prepared statements, generic plans."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor

from benchmarks.contestants.hand_sql import BEGIN, COMMIT
from benchmarks.contestants.hand_written import ANSWERS
from benchmarks.operations import Operation, Variables

OPTIONS = "-c plan_cache_mode=force_generic_plan -c timezone=UTC"


class LimitPsycopg:
    """One connection an operation, out of ``connections``."""

    def __init__(self, database_url: str, connections: int) -> None:
        self.statements = 0
        self._database_url = database_url
        self._count = connections
        self._connections: list[AsyncConnection[Any]] = []
        self._free: asyncio.LifoQueue[AsyncRawCursor[Any]] = asyncio.LifoQueue()

    async def open(self) -> None:
        for _ in range(self._count):
            connection = await AsyncConnection.connect(
                self._database_url, autocommit=True, prepare_threshold=0, options=OPTIONS
            )
            self._connections.append(connection)
            self._free.put_nowait(AsyncRawCursor(connection))

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        cursor = await self._free.get()

        async def rows(statement: str, *values: Any) -> Sequence[Any]:
            self.statements += 1
            await cursor.execute(statement, values, binary=True)
            return await cursor.fetchall()

        try:
            await cursor.execute(BEGIN, prepare=False)
            try:
                return await ANSWERS[operation.key](rows, variables)
            finally:
                await cursor.execute(COMMIT, prepare=False)
        finally:
            self._free.put_nowait(cursor)
