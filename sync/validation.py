"""T2: one staged row per key. What contradicts itself is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from sync.problems import Found, Problems

DROP_UNITS = "DELETE FROM larder_sync_staged WHERE run_id = %s AND confirms = ANY(%s)"

DIGEST = """
SELECT md5(COALESCE(string_agg(md5(concat_ws(E'\\x1f', kind, key, content_hash, problem)), '' ORDER BY kind, key), ''))
FROM larder_sync_staged WHERE run_id = %s
"""
REPEATED = """
WITH many AS MATERIALIZED (
    SELECT kind, key FROM larder_sync_staged WHERE run_id = %(run)s GROUP BY kind, key HAVING count(*) > 1
)
SELECT kind, key, min(id), min(scope), count(*), count(problem),
    count(DISTINCT (content_hash, scope, row IS NULL, problem)) > 1
FROM many JOIN larder_sync_staged USING (kind, key) WHERE run_id = %(run)s GROUP BY kind, key
"""
KEEP_ONE = """
DELETE FROM larder_sync_staged s USING unnest(%s::text[], %s::text[], %s::bigint[]) AS repeated (kind, key, kept)
WHERE s.run_id = %s AND s.kind = repeated.kind AND s.key = repeated.key AND s.id <> repeated.kept
"""
REFUSE = "UPDATE larder_sync_staged SET problem = %s, offender = key WHERE id = ANY(%s)"
CONTRADICTION = "records of one key must agree"


async def drop_units(connection: psycopg.AsyncConnection[Any], run_id: int, units: Sequence[str]) -> None:
    """Take back what was staged for ``units``."""
    if units:
        await connection.execute(DROP_UNITS, [run_id, list(units)])


async def settle_repeated_keys(connection: psycopg.AsyncConnection[Any], run_id: int, problems: Problems) -> bool:
    """Leave one staged row per (kind, key): the row itself when all say the same, else its refusal.

    Whether there was such a contradiction.
    """
    repeated = await (await connection.execute(REPEATED, {"run": run_id})).fetchall()
    if not repeated:
        return False
    kinds, keys, kept = [[row[column] for row in repeated] for column in range(3)]
    await connection.execute(KEEP_ONE, [kinds, keys, kept, run_id])
    refused = [row for row in repeated if row[6]]
    await connection.execute(REFUSE, [CONTRADICTION, [row[2] for row in refused]])
    for kind, key, _, scope, count, already_refused, _ in refused:
        problems.add(Found(scope, kind, key, CONTRADICTION, f"{count} records"), rows=count - already_refused)
    return bool(refused)


async def staged_digest(connection: psycopg.AsyncConnection[Any], run_id: int) -> str:
    """What a run says in all, in 32 hexadecimal digits: two runs that say the same have the same."""
    row = await (await connection.execute(DIGEST, [run_id])).fetchone()
    if row is None:
        raise AssertionError("an aggregate gave no row")
    return str(row[0])
