"""What goes on beside readers and writers: tables that are locked for a while, connections that are cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import psycopg

CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name = 'larder heads' AND datname = current_database()
"""

Trouble = Callable[[psycopg.AsyncConnection[tuple[object, ...]]], Coroutine[None, None, None]]


def locking(table: str, seconds: float) -> Trouble:
    """An execution that reads the table takes at least as long, in a snapshot from before."""

    async def lock(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            await asyncio.sleep(seconds)

    return lock


async def cut_heads(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    """The gateways' own connections for the heads end: they do not know the store's version for a while."""
    await connection.execute(CUT)


@asynccontextmanager
async def troubled(database_url: str, *troubles: Trouble, every_seconds: float = 0.8) -> AsyncIterator[None]:
    """Each of the troubles again and again, until the block ends."""
    async with AsyncExitStack() as stack:
        for trouble in troubles:
            connection = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
            await stack.enter_async_context(connection)
            task = asyncio.create_task(again(trouble, connection, every_seconds))
            stack.push_async_callback(ended, task)
        yield


async def again(
    trouble: Trouble, connection: psycopg.AsyncConnection[tuple[object, ...]], every_seconds: float
) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        await trouble(connection)


async def ended(task: asyncio.Task[None]) -> None:
    failed = task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert not failed
