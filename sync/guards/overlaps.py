"""Rows of which only one can hold at a time: two prices of equal rank for the same moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psycopg

from sync.problems import Found, Problems
from sync.tables import TargetTable

OVERLAPPING = """
WITH said AS (
    SELECT s.id, s.key, t.content_hash IS NOT DISTINCT FROM s.content_hash AS stored,
        concat_ws(E'\\x1f', {equal}) AS rank,
        tstzrange((s.row->>%(begins)s)::timestamptz, (s.row->>%(ends)s)::timestamptz) AS during
    FROM larder_sync_staged s
    LEFT JOIN {table} t ON t.source = %(source)s AND t.external_id = s.key AND t.deleted_at IS NULL
    WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NULL AND s.row IS NOT NULL
        AND COALESCE((s.row->>%(begins)s)::timestamptz < (s.row->>%(ends)s)::timestamptz, true)
), crowded AS (
    SELECT rank FROM said GROUP BY rank HAVING count(*) > 1
)
SELECT one.id, one.key, one.stored, other.id, other.key, other.stored FROM crowded
JOIN said one USING (rank) JOIN said other USING (rank)
WHERE one.id < other.id AND one.during && other.during ORDER BY one.id, other.id
"""
REFUSE = """
UPDATE larder_sync_staged s SET problem = %(rule)s, offender = refused.other
FROM unnest(%(ids)s::bigint[], %(others)s::text[]) AS refused (id, other) WHERE s.id = refused.id
RETURNING s.scope, s.key, s.offender
"""


async def refuse_overlaps(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    tables: Sequence[TargetTable],
    problems: Problems,
) -> None:
    """Refuse staged rows that overlap another of equal rank. Those that overlap a stored row PostgreSQL finds."""
    for table in tables:
        exclusive = table.target.exclusive
        if exclusive is None:
            continue
        equal = ", ".join(f"COALESCE(s.row->>'{name}', '')" for name in exclusive.equal)
        asked = {
            "run": run_id,
            "source": source,
            "kind": table.kind,
            "begins": exclusive.begins,
            "ends": exclusive.ends,
        }
        statement = OVERLAPPING.format(equal=equal, table=table.table)
        refused = yielding(await (await connection.execute(statement, asked)).fetchall())
        if not refused:
            continue
        parameters = {"rule": exclusive.rule, "ids": list(refused), "others": list(refused.values())}
        for scope, key, other in await (await connection.execute(REFUSE, parameters)).fetchall():
            problems.add(Found(scope, table.kind, key, exclusive.rule, other), rows=1)


def yielding(pairs: Sequence[tuple[Any, ...]]) -> dict[int, str]:
    """Which of the rows give way, with the key of the one that they give way to.

    The row that is stored already stays, else the one that came first. A row that gives way pushes nobody else out.
    ``pairs``: id, key and whether it is stored, of one and of another that overlaps it.
    """
    rivals: dict[int, list[int]] = defaultdict(list)
    rows: dict[int, tuple[bool, str]] = {}
    for one, one_key, one_stored, other, other_key, other_stored in pairs:
        rivals[one].append(other)
        rivals[other].append(one)
        rows[one], rows[other] = (one_stored, one_key), (other_stored, other_key)
    stays: set[int] = set()
    gives_way: dict[int, str] = {}
    for row in sorted(rows, key=lambda row: (not rows[row][0], row)):
        before = next((rival for rival in rivals[row] if rival in stays), None)
        if before is None:
            stays.add(row)
        else:
            gives_way[row] = rows[before][1]
    return gives_way
