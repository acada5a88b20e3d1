"""The loss guard: what suddenly loses much of what is on offer waits until the supplier says so twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from sync.identity import digest
from sync.records import ItemRecord
from sync.scopes import Unit
from sync.tables import TargetTable

OFF = 1.0

LOSSES = """
SELECT guarded.unit, count(*), array_agg(t.external_id ORDER BY t.external_id) FILTER (WHERE s.key IS NULL)
FROM unnest(%(scopes)s::text[], %(units)s::text[]) AS guarded (scope, unit)
JOIN {table} t ON t.source = %(source)s AND t.scope = guarded.scope AND t.deleted_at IS NULL
LEFT JOIN larder_sync_staged s ON s.run_id = %(run)s AND s.kind = %(kind)s AND s.key = t.external_id
GROUP BY guarded.unit
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """``lost`` of ``live`` guarded rows of ``unit`` would go; ``digest`` names exactly these rows."""

    unit: str
    lost: int
    live: int
    digest: str


async def heavy_losses(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    tables: Sequence[TargetTable],
    units: Sequence[Unit],
    ratio: float,
) -> list[Loss]:
    """The units that would lose at least ``ratio`` of their live items in the guarded scopes of this run.

    An application without a kind ``item`` has all its kinds guarded.
    """
    guarded = [
        (scope.name, unit.name)
        for unit in units
        for scope in unit.scopes
        if scope.begin.guarded and scope.exhaustive and not scope.keyless
    ]
    if ratio >= OFF or not guarded:
        return []
    live: dict[str, int] = {}
    lost: dict[str, list[str]] = {}
    for table in [table for table in tables if table.kind == ItemRecord.kind] or tables:
        parameters = {
            "scopes": [scope for scope, _ in guarded],
            "units": [unit for _, unit in guarded],
            "source": source,
            "run": run_id,
            "kind": table.kind,
        }
        cursor = await connection.execute(LOSSES.format(table=table.table), parameters)
        for unit, rows, gone in await cursor.fetchall():
            live[unit] = live.get(unit, 0) + rows
            lost.setdefault(unit, []).extend(f"{table.kind} {key}" for key in gone or ())
    return [
        Loss(unit, len(gone), live[unit], digest(gone).hex)
        for unit, gone in sorted(lost.items())
        if gone and len(gone) >= ratio * live[unit]
    ]


def disagreed(losses: Sequence[Loss], held: Mapping[str, str]) -> list[Loss]:
    """The losses that no earlier run announced in the same way; the others the supplier has said twice."""
    return [loss for loss in losses if held.get(loss.unit) != loss.digest]
