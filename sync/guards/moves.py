"""Values that may not leap: a price ten times what it was is a slipped decimal point before it is a price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from sync.problems import Found, Problems
from sync.tables import TargetTable

MOVED = """
WITH moved AS (
    SELECT s.id, {before} AS before, {now} AS now, ({same}) AS same
    FROM (
        SELECT s.id, s.row, t.id AS stored FROM larder_sync_staged s
        JOIN {table} t ON t.source = %(source)s AND t.external_id = s.key AND t.deleted_at IS NULL
        WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NULL AND s.row IS NOT NULL
            AND s.content_hash <> t.content_hash AND NOT EXISTS (
                SELECT FROM larder_sync_quarantine q
                WHERE q.source = %(source)s AND q.kind = s.kind AND q.key = s.key AND q.accepted_hash = s.content_hash
            )
        OFFSET 0
    ) s
    JOIN {table} t ON t.id = s.stored
    CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, s.row - {references}) said
), leapt AS (
    SELECT id, before, now, same FROM moved
    WHERE NOT same OR (before > 0 AND (now = 0 OR now > before * %(factor)s OR now * %(factor)s < before))
)
UPDATE larder_sync_staged s SET problem = CASE WHEN leapt.same THEN %(rule)s ELSE %(other)s END,
    offender = CASE
        WHEN leapt.same THEN trim_scale(leapt.before) || ' → ' || trim_scale(leapt.now) ELSE s.row->>%(unit)s
    END
FROM leapt WHERE s.id = leapt.id
RETURNING s.scope, s.key, s.problem, s.offender
"""


async def refuse_moves(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    tables: Sequence[TargetTable],
    factor: float | None,
    problems: Problems,
) -> None:
    """Refuse staged rows whose value leaps from what is stored, unless an operator accepted exactly that row."""
    for table in tables:
        move = table.target.move
        if move is None or factor is None:
            continue
        statement = MOVED.format(
            table=table.table,
            before=total("t", move.columns),
            now=total("said", move.columns),
            same=f"said.{move.unit} = t.{move.unit}" if move.unit else "true",
            references=table.reference_fields,
        )
        parameters = {
            "run": run_id,
            "source": source,
            "kind": table.kind,
            "factor": factor,
            "rule": f"{move.name} must not move by more than a factor of {factor:g}, nor to zero",
            "other": f"{move.name} must stay in its {move.unit}",
            "unit": move.unit,
        }
        for scope, key, rule, value in await (await connection.execute(statement, parameters)).fetchall():
            problems.add(Found(scope, table.kind, key, rule, value), rows=1)


def total(alias: str, columns: Sequence[str]) -> str:
    """The sum of what is known of ``columns``; null when nothing is."""
    known = " + ".join(f"COALESCE({alias}.{column}, 0)" for column in columns)
    return f"CASE WHEN COALESCE({', '.join(f'{alias}.{column}' for column in columns)}) IS NOT NULL THEN {known} END"
