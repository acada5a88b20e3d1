"""A store with one location, whose name is the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from gateway.cache.entries import Work
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.responses import Answer
from loaders.stamps import Stamp

HEAD = "larder_location"


class Kitchen:
    """Executes one operation, the name of a location, and counts how often. slow: seconds that it takes."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.executions = 0
        self.slow = 0.0
        self.changes_at: datetime | None = None
        self.answer: Answer | None = None
        self.work = Work(self.make)

    async def make(self, exchange: Exchange) -> Answer:
        self.executions += 1
        if self.answer is not None:
            return self.answer
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            cursor = await connection.execute(
                "SELECT (SELECT name FROM larder_location), (SELECT COALESCE(sum(value), 0)::bigint FROM larder_head"
                " WHERE name = %s)",
                [HEAD],
            )
            [(name, version)] = await cursor.fetchall()
        stamp = Stamp({HEAD: version}, datetime.now(UTC), self.changes_at)
        await asyncio.sleep(self.slow)
        return Answer(f'{{"data":"{name}"}}'.encode(), executed=True, stamp=stamp)


def rename(store: str, name: str) -> Any:
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("UPDATE larder_location SET name = %s", [name])


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
