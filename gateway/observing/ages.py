"""How old what suppliers have said is, and how their streams are doing, read from the store when somebody asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from psycopg import Error

from gateway.observing import streams
from gateway.observing.families import Value
from loaders.errors import StoreError
from loaders.lanes import Lanes

KEEP_SECONDS = 1.0
WAIT_SECONDS = 2.0

AGES = """
SELECT source, concern,
    extract(epoch FROM transaction_timestamp() - min(confirmed_at))::float8,
    count(*) FILTER (WHERE confirmed_at IS NULL),
    count(*) FILTER (WHERE age <= fresh),
    count(*) FILTER (WHERE age > fresh AND age <= stale),
    count(*) FILTER (WHERE age > stale)
FROM (
    SELECT source, concern, confirmed_at, transaction_timestamp() - confirmed_at AS age,
        fresh_for_seconds * interval '1 second' AS fresh, stale_for_seconds * interval '1 second' AS stale
    FROM larder_confirmation
) AS confirmation
GROUP BY source, concern ORDER BY source, concern
"""
UNITS = ("NEVER", "FRESH", "STALE", "EXPIRED")


class Ages:
    """Reads them over ``lanes``, at most once in ``KEEP_SECONDS``, however many ask."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._read_at = -KEEP_SECONDS
        self._known: list[Value] = []
        self._turn = asyncio.Lock()

    async def read(self) -> list[Value]:
        """The numbers; of a store that does not answer in time, those that it gave, and that it does not."""
        async with self._turn:
            if time.monotonic() - self._read_at >= KEEP_SECONDS:
                found: list[Value] = []
                up = 1
                try:
                    async with asyncio.timeout(WAIT_SECONDS):
                        for statement, read in QUESTIONS:
                            found += read(await self._rows(statement))
                except (StoreError, Error, TimeoutError):
                    up = 0
                self._known = [("larder_store_up", (), up), *found]
                self._read_at = time.monotonic()
            return self._known

    async def _rows(self, statement: LiteralString) -> list[tuple[Any, ...]]:
        async with self.lanes.lane() as lane:
            return await (await lane.execute(statement)).fetchall()


def told(rows: Sequence[tuple[Any, ...]]) -> list[Value]:
    """The numbers in the rows of ``AGES``; what was never confirmed has no age."""
    found: list[Value] = []
    for source, concern, age, *units in rows:
        if age is not None:
            found.append(("larder_source_age_seconds", (source, concern), age))
        found += [
            ("larder_source_units", (source, concern, freshness), count)
            for freshness, count in zip(UNITS, units, strict=True)
        ]
    return found


QUESTIONS: tuple[tuple[LiteralString, Callable[[Sequence[tuple[Any, ...]]], list[Value]]], ...] = (
    (AGES, told),
    (streams.STREAMS, streams.told),
)
"""What the store is asked, and what its rows tell."""
