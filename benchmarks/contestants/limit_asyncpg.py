"""Hand-written SQL on asyncpg: prepared statements, generic plans."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from benchmarks.contestants.hand_sql import BEGIN, COMMIT
from benchmarks.contestants.hand_written import ANSWERS
from benchmarks.operations import Operation, Variables

SETTINGS = {"plan_cache_mode": "force_generic_plan", "timezone": "UTC"}


class Line:
    """A connection and the statements that it has prepared."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.prepared: dict[str, Any] = {}

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        prepared = self.prepared.get(statement)
        if prepared is None:
            prepared = self.prepared[statement] = await self.connection.prepare(statement)
        found: Sequence[Any] = await prepared.fetch(*values)
        return found


class LimitAsyncpg:
    """One connection an operation, out of ``connections``."""

    def __init__(self, database_url: str, connections: int) -> None:
        self.statements = 0
        self._database_url = database_url
        self._count = connections
        self._lines: list[Line] = []
        self._free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()

    async def open(self) -> None:
        for _ in range(self._count):
            line = Line(await asyncpg.connect(self._database_url, server_settings=SETTINGS))
            self._lines.append(line)
            self._free.put_nowait(line)

    async def close(self) -> None:
        for line in self._lines:
            await line.connection.close()

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        line = await self._free.get()

        async def rows(statement: str, *values: Any) -> Sequence[Any]:
            self.statements += 1
            return await line.rows(statement, *values)

        try:
            await line.connection.execute(BEGIN)
            try:
                return await ANSWERS[operation.key](rows, variables)
            finally:
                await line.connection.execute(COMMIT)
        finally:
            self._free.put_nowait(line)
