"""The rows that the store refuses at present, kept in step with every publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from sync.connections import connect
from sync.errors import NotDecidable

ENTER = """
INSERT INTO larder_sync_quarantine AS q (source, kind, key, scope, rule, value, content_hash, since, run_id)
SELECT %(source)s, kind, key, scope, problem, COALESCE(offender, ''), content_hash, %(at)s, %(run)s
FROM larder_sync_staged WHERE run_id = %(run)s AND problem IS NOT NULL
ON CONFLICT (source, kind, key) DO UPDATE SET scope = EXCLUDED.scope, rule = EXCLUDED.rule, value = EXCLUDED.value,
    content_hash = EXCLUDED.content_hash, run_id = EXCLUDED.run_id
WHERE (q.scope, q.rule, q.value, q.content_hash)
    IS DISTINCT FROM (EXCLUDED.scope, EXCLUDED.rule, EXCLUDED.value, EXCLUDED.content_hash)
"""
LEAVE = """
DELETE FROM larder_sync_quarantine q WHERE q.source = %(source)s AND q.kind = ANY(%(kinds)s) AND (
    EXISTS (
        SELECT FROM larder_sync_staged s
        WHERE s.run_id = %(run)s AND s.kind = q.kind AND s.key = q.key AND s.problem IS NULL
    ) OR (q.scope = ANY(%(scopes)s) AND NOT EXISTS (
        SELECT FROM larder_sync_staged s WHERE s.run_id = %(run)s AND s.kind = q.kind AND s.key = q.key
    ))
)
"""
LIST = """
SELECT source, kind, key, scope, rule, value, since, run_id, accepted_hash IS NOT NULL FROM larder_sync_quarantine
WHERE source = ANY(%s) ORDER BY source, kind, key LIMIT %s
"""
COUNT = "SELECT count(*) FROM larder_sync_quarantine WHERE source = ANY(%s)"
ACCEPT = """
UPDATE larder_sync_quarantine SET accepted_hash = content_hash
WHERE source = %s AND kind = %s AND key = %s RETURNING content_hash IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row of which an older version stands in the store, or none. ``accepted``: the next run takes it anyway."""

    source: str
    kind: str
    key: str
    scope: str
    rule: str
    value: str
    since: datetime
    run_id: int
    accepted: bool


async def keep_quarantine(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    kinds: Sequence[str],
    scopes: Sequence[str],
    at: datetime,
) -> None:
    """Enter what the run refuses and let out what it takes, or what a complete scope no longer names."""
    parameters = {"run": run_id, "source": source, "kinds": list(kinds), "scopes": list(scopes), "at": at}
    await connection.execute(LEAVE, parameters)
    await connection.execute(ENTER, parameters)


async def list_quarantine(sources: Sequence[str], limit: int) -> tuple[list[QuarantinedRow], int]:
    """At most ``limit`` quarantined rows of ``sources``, and how many there are in all."""
    async with await connect() as connection:
        rows = await (await connection.execute(LIST, [list(sources), limit])).fetchall()
        counted = await (await connection.execute(COUNT, [list(sources)])).fetchone()
    return [QuarantinedRow(*row) for row in rows], counted[0] if counted else 0


async def accept(source: str, kind: str, key: str) -> None:
    """Let the next run take exactly what a guard refused now. Raises ``NotDecidable``."""
    async with await connect() as connection, connection.transaction():
        row = await (await connection.execute(ACCEPT, [source, kind, key])).fetchone()
        if row is None:
            raise NotDecidable("a row must be in quarantine to be accepted", f"{source} {kind} {key}")
        if not row[0]:
            raise NotDecidable("only a row that a guard refused can be accepted", f"{source} {kind} {key}")
