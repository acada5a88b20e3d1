"""Allowances in the store: one for all workers, by the database's clock, one statement per request.

The row with the empty bucket name is the source's breaker. Every statement locks it before any bucket's, so workers
queue there and never deadlock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg

from sync.connections import connect
from sync.politeness.allowances import RESERVED_SECONDS, Failure, Turn
from sync.politeness.rates import Bucket

BREAKER = Bucket("", 0.0, 0)

ENSURE = """
INSERT INTO larder_sync_allowance (source, bucket, tokens, filled_at, failures)
SELECT %(source)s, r.bucket, r.burst, clock_timestamp(), 0
FROM unnest(%(buckets)s::text[], %(bursts)s::float8[]) AS r (bucket, burst)
ON CONFLICT DO NOTHING
"""
ASK = """
WITH rate AS (
    SELECT * FROM unnest(%(buckets)s::text[], %(rates)s::float8[], %(bursts)s::float8[]) AS r (bucket, rate, burst)
), locked AS MATERIALIZED (
    SELECT a.id, a.bucket, a.tokens, a.filled_at, a.failures, a.closed_until
    FROM larder_sync_allowance a
    WHERE a.source = %(source)s AND a.bucket = ANY (%(buckets)s::text[])
    ORDER BY a.bucket COLLATE "C"
    FOR UPDATE
), breaker AS MATERIALIZED (
    SELECT clock_timestamp() AS now, count(*) AS found, max(failures) AS failures, max(closed_until) AS closed_until
    FROM locked
), filled AS (
    SELECT l.id, r.rate,
        least(r.burst, l.tokens + r.rate * greatest(extract(epoch FROM b.now - l.filled_at)::float8, 0)) - 1 AS tokens
    FROM locked l JOIN rate r USING (bucket) CROSS JOIN breaker b
    WHERE l.bucket <> ''
), turn AS (
    SELECT b.*, greatest(coalesce((SELECT max(-f.tokens / f.rate) FROM filled f), 0), 0) AS wait,
        coalesce(b.closed_until > b.now, FALSE) AS closed, coalesce(b.closed_until <= b.now, FALSE) AS probe
    FROM breaker b
), taken AS (
    UPDATE larder_sync_allowance a SET tokens = f.tokens, filled_at = greatest(a.filled_at, t.now)
    FROM filled f, turn t
    WHERE a.id = f.id AND NOT t.closed AND t.wait <= %(reserved)s AND t.found = cardinality(%(buckets)s::text[])
), probing AS (
    UPDATE larder_sync_allowance a
    SET closed_until = t.now + make_interval(secs => t.wait + %(probe)s), filled_at = t.now
    FROM locked l, turn t
    WHERE a.id = l.id AND l.bucket = '' AND t.probe AND t.wait <= %(reserved)s
        AND t.found = cardinality(%(buckets)s::text[])
)
SELECT found, wait, closed, extract(epoch FROM closed_until - now)::float8, closed_until, coalesce(failures, 0), probe
FROM turn
"""
SUCCEEDED = """
UPDATE larder_sync_allowance
SET failures = 0, closed_until = CASE WHEN %(probe)s THEN NULL ELSE closed_until END, filled_at = clock_timestamp()
WHERE source = %(source)s AND bucket = '' AND (%(probe)s OR closed_until IS NULL)
"""
FAILED = """
WITH breaker AS MATERIALIZED (
    SELECT id, failures, CASE WHEN %(probe)s THEN NULL ELSE closed_until END AS closed_until
    FROM larder_sync_allowance WHERE source = %(source)s AND bucket = '' FOR UPDATE
), counted AS (
    SELECT b.id, b.closed_until, n.now,
        b.failures + CASE WHEN b.closed_until > n.now THEN 0 ELSE 1 END AS failures
    FROM breaker b CROSS JOIN (SELECT clock_timestamp() AS now) n
), closing AS (
    SELECT c.id, c.failures, c.now, greatest(c.closed_until, c.now + make_interval(secs => greatest(
        %(told)s::float8, CASE WHEN c.failures >= %(opens_after)s THEN %(open)s::float8 ELSE 0 END))) AS until
    FROM counted c
)
UPDATE larder_sync_allowance a
SET failures = c.failures, closed_until = CASE WHEN c.until > c.now THEN c.until END, filled_at = c.now
FROM closing c WHERE a.id = c.id
RETURNING a.closed_until
"""
FORGET = """
DELETE FROM larder_sync_allowance
WHERE filled_at < clock_timestamp() - make_interval(hours => %s)
    AND (closed_until IS NULL OR closed_until < clock_timestamp()) AND bucket <> ''
"""


class StoreAllowances:
    """Follows ``sync.politeness.allowances`` for the source of that name, over a connection of its own.

    Raises psycopg's errors when the store is away.
    """

    def __init__(self, source: str, connected: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]] = connect) -> None:
        self._source = source
        self._connected = connected
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, buckets: Sequence[Bucket], probe_seconds: float) -> Turn:
        every = [BREAKER, *buckets]
        names = {
            "source": self._source,
            "buckets": [bucket.name for bucket in every],
            "rates": [float(bucket.per_second) for bucket in every],
            "bursts": [float(bucket.burst) for bucket in every],
            "reserved": RESERVED_SECONDS,
            "probe": probe_seconds,
        }
        row = await self._row(ASK, names)
        if row[0] < len(every):
            await self._row(ENSURE, names)
            row = await self._row(ASK, names)
        _, wait_seconds, closed, closed_seconds, closed_until, failures, probe = row
        if closed:
            return Turn(granted=False, wait_seconds=closed_seconds, closed_until=closed_until, failures=failures)
        if wait_seconds > RESERVED_SECONDS:
            return Turn(granted=False, wait_seconds=wait_seconds - RESERVED_SECONDS, failures=failures)
        return Turn(granted=True, wait_seconds=wait_seconds, failures=failures, probe=probe)

    async def succeeded(self, turn: Turn) -> None:
        if turn.probe or turn.failures:
            await self._row(SUCCEEDED, {"source": self._source, "probe": turn.probe})

    async def failed(self, turn: Turn, failure: Failure) -> datetime | None:
        names = {
            "source": self._source,
            "probe": turn.probe,
            "told": failure.told_seconds,
            "opens_after": failure.opens_after,
            "open": failure.open_seconds,
        }
        closed_until: datetime | None = (await self._row(FAILED, names) or (None,))[0]
        return closed_until

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _row(self, statement: str, names: dict[str, Any]) -> tuple[Any, ...]:
        """The first row of what ``statement`` gives, () for none."""
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connected()
            cursor = await self._connection.execute(statement, names)
            return (await cursor.fetchone() or ()) if cursor.description else ()


async def forget(connection: psycopg.AsyncConnection[Any], hours: float) -> None:
    """Forget buckets that nobody has used for ``hours``: full ones, or such as no rate names any more."""
    await connection.execute(FORGET, [hours])
