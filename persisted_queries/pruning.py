"""Removing documents that nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from persisted_queries.deployments import LOCK

CANDIDATES = """
SELECT document.sha256, document.bytes, names.operation_name, used.last_day
FROM larder_document AS document
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(DISTINCT held.operation_name, ', '), '') AS operation_name,
           max(deployment.created_at) AS pushed_at,
           coalesce(bool_or(deployment.state <> 'retired'), false) AS needed
    FROM larder_deployment_document AS held JOIN larder_deployment AS deployment ON deployment.id = held.deployment_id
    WHERE held.document_id = document.sha256
) AS names
CROSS JOIN LATERAL (
    SELECT max(day) AS last_day FROM larder_document_usage WHERE document_id = document.sha256
) AS used
WHERE NOT names.needed
AND greatest(used.last_day, (names.pushed_at AT TIME ZONE 'UTC')::date, (document.created_at AT TIME ZONE 'UTC')::date)
    < (now() AT TIME ZONE 'UTC')::date - %(days)s::int
AND (%(only)s::text[] IS NULL OR document.sha256 = ANY(%(only)s))
ORDER BY document.sha256
"""
HOLD = "SELECT sha256 FROM larder_document WHERE sha256 = ANY(%s) ORDER BY sha256 FOR UPDATE"
REMOVALS = (
    "DELETE FROM larder_document_usage WHERE document_id = ANY(%s)",
    "DELETE FROM larder_document_alias WHERE document_id = ANY(%s)",
    "DELETE FROM larder_deployment_document WHERE document_id = ANY(%s)",
    "DELETE FROM larder_document WHERE sha256 = ANY(%s)",
)

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Pruned:
    """A document that was removed; ``last_day`` is when it was last asked for, None: never."""

    sha256: str
    bytes: int
    operation_name: str
    last_day: date | None


async def prune(connection: Connection, unused_days: int, *, dry_run: bool = False) -> Sequence[Pruned]:
    """Remove documents of retired deployments alone that nobody asked for in the last ``unused_days``.

    A document counts as used on the day that it is pushed. One that an active or pending deployment holds is never
    removed. The rows of the deployments stay; one that lost documents can be pushed again. Returns: what was removed,
    or with ``dry_run`` what would be.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        found = await candidates(connection, unused_days, None)
        if dry_run or not found:
            return found
        # Usage that was merged meanwhile shows only after the merging transactions, which share these locks, ended.
        await connection.execute(HOLD, [[document.sha256 for document in found]])
        found = await candidates(connection, unused_days, [document.sha256 for document in found])
        for removal in REMOVALS:
            await connection.execute(removal, [[document.sha256 for document in found]])
    return found


async def candidates(connection: Connection, days: int, only: list[str] | None) -> Sequence[Pruned]:
    """What can be pruned, of the documents ``only`` or of all."""
    cursor = await connection.execute(CANDIDATES, {"days": days, "only": only})
    return [Pruned(*row) for row in await cursor.fetchall()]
