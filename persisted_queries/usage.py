"""How often registered documents are asked for: one number per document, client and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

MERGE = """
INSERT INTO larder_document_usage (document_id, client, day, count)
SELECT document.sha256, counted.client, counted.day, counted.count
FROM unnest(%s::text[], %s::text[], %s::date[], %s::bigint[]) AS counted (sha256, client, day, count)
JOIN larder_document AS document ON document.sha256 = counted.sha256
ORDER BY document.sha256, counted.client, counted.day
FOR KEY SHARE OF document
ON CONFLICT (document_id, client, day) DO UPDATE SET count = larder_document_usage.count + excluded.count
"""
READ = """
SELECT usage.document_id, usage.client, sum(usage.count)::bigint, min(usage.day), max(usage.day),
       coalesce((SELECT string_agg(DISTINCT held.operation_name, ', ') FROM larder_deployment_document AS held
                 WHERE held.document_id = usage.document_id AND held.operation_name <> ''), '')
FROM larder_document_usage AS usage
WHERE usage.day > (now() AT TIME ZONE 'UTC')::date - %s::int AND (%s::text IS NULL OR usage.client = %s)
GROUP BY usage.document_id, usage.client
ORDER BY sum(usage.count) DESC, usage.document_id, usage.client
LIMIT %s
"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Counted = tuple[str, str, date]
"""Of which document (SHA-256), by which client (empty: it told no name), on which day (UTC)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How often ``client`` asked for a document, and on which days first and last, within the days asked about."""

    sha256: str
    client: str
    count: int
    first_day: date
    last_day: date
    operation_name: str


async def merge_usage(connection: Connection, counts: Mapping[Counted, int]) -> None:
    """Add counts to those stored, in one statement. Counts of documents that are gone are dropped.

    Any number of processes may do so at once: rows are locked in one order.
    """
    if counts:
        columns = [list(column) for column in zip(*counts, strict=True)]
        await connection.execute(MERGE, [*columns, list(counts.values())])


async def read_usage(
    connection: Connection, *, days: int = 30, client: str | None = None, limit: int = 100
) -> Sequence[Usage]:
    """Documents by how often they were asked for in the last ``days``, today included; most first."""
    cursor = await connection.execute(READ, [days, client, client, limit])
    return [Usage(*row) for row in await cursor.fetchall()]
