"""T0: one runner per stream, by a lease with a fencing number.

A lease that is not renewed runs out, so a killed runner blocks nobody for long; its fence is then older than its
successor's, so it cannot write either (Kleppmann, "How to do distributed locking", 2016).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import psycopg

from sync.connections import connect
from sync.errors import LeaseLost, LeaseTaken

LEASE_SECONDS = 15
RENEW_SECONDS = 4

DECODER = msgspec.json.Decoder(float_hook=Decimal)

ENSURE = """
INSERT INTO larder_sync_stream (source, name, cursor, fence, held)
SELECT %(source)s, %(stream)s, '{}', 0, '{}'
WHERE NOT EXISTS (SELECT FROM larder_sync_stream WHERE source = %(source)s AND name = %(stream)s)
ON CONFLICT DO NOTHING
"""
TAKE = """
UPDATE larder_sync_stream SET fence = fence + 1, leased_until = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE id = (
    SELECT id FROM larder_sync_stream WHERE source = %(source)s AND name = %(stream)s FOR UPDATE SKIP LOCKED
) AND (leased_until IS NULL OR leased_until < clock_timestamp())
RETURNING id, fence, cursor::text, held, pinned_run_id, clock_timestamp()
"""
RENEW = """
UPDATE larder_sync_stream SET leased_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s AND fence = %s
"""
RELEASE = "UPDATE larder_sync_stream SET leased_until = NULL WHERE id = %s AND fence = %s AND leased_until IS NOT NULL"
CHECK = "SELECT fence FROM larder_sync_stream WHERE id = %s FOR UPDATE"


@dataclass(slots=True)
class Lease:
    """The right to write a stream, with what the last published run left.

    ``started_at`` is the store's clock. ``pinned``: the run at whose outcome an operator keeps the stream.
    """

    stream_id: int
    fence: int
    cursor: dict[str, Any]
    held: dict[str, str]
    started_at: datetime
    pinned: int | None = None
    lost: bool = False

    def check(self) -> None:
        """Raises ``LeaseLost`` when a renewal found another runner in possession."""
        if self.lost:
            raise LeaseLost

    async def lock(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Hold the stream until the end of the open transaction. Raises ``LeaseLost`` when the fence is newer."""
        cursor = await connection.execute(CHECK, [self.stream_id])
        if await cursor.fetchone() != (self.fence,):
            raise LeaseLost


@asynccontextmanager
async def leased(source: str, stream: str) -> AsyncIterator[Lease]:
    """A lease, renewed until the block ends. Raises ``LeaseTaken`` when another runner holds the stream."""
    async with await connect() as connection:
        lease = await take(connection, source, stream)
        renewal = asyncio.create_task(renew(connection, lease))
        try:
            yield lease
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
            await release(connection, lease)


async def release(connection: psycopg.AsyncConnection[Any], lease: Lease) -> None:
    """Give the lease back, over another connection when this one broke. If that fails too, it runs out by itself."""
    try:
        await connection.execute(RELEASE, [lease.stream_id, lease.fence])
    except psycopg.OperationalError:
        with suppress(psycopg.OperationalError):
            async with await connect() as another:
                await another.execute(RELEASE, [lease.stream_id, lease.fence])


async def ensure_stream(connection: psycopg.AsyncConnection[Any], source: str, stream: str) -> None:
    """Make the stream's row, if it is not there yet."""
    await connection.execute(ENSURE, {"source": source, "stream": stream})


async def take(connection: psycopg.AsyncConnection[Any], source: str, stream: str) -> Lease:
    """A new lease with the next fencing number."""
    names = {"source": source, "stream": stream, "seconds": LEASE_SECONDS}
    await ensure_stream(connection, source, stream)
    row = await (await connection.execute(TAKE, names)).fetchone()
    if row is None:
        raise LeaseTaken(f"another runner holds the stream {source}/{stream}")
    stream_id, fence, cursor, held, pinned, started_at = row
    return Lease(stream_id, fence, DECODER.decode(cursor), held, started_at, pinned)


async def renew(connection: psycopg.AsyncConnection[Any], lease: Lease) -> None:
    """Keep the lease alive for as long as this task runs, or note that it is lost."""
    while not lease.lost:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            done = await connection.execute(RENEW, [LEASE_SECONDS, lease.stream_id, lease.fence])
        except psycopg.OperationalError:
            lease.lost = True
        else:
            lease.lost = done.rowcount == 0
