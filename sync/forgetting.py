"""What is kept of the past, and for how long."""

from __future__ import annotations

from typing import Any

import psycopg

from sync.politeness import store as allowances
from sync.settings import Kept
from sync.targets import installed_targets
from sync.webhooks import inbox

DAY_HOURS = 24

PAYLOADS = """
DELETE FROM larder_sync_payload p USING larder_sync_run r
WHERE r.id = p.run_id AND r.finished_at < clock_timestamp() - make_interval(days => %(payloads)s)
    AND NOT (r.state = 'HELD' AND r.decision = '')
    AND NOT EXISTS (SELECT FROM larder_sync_stream s WHERE s.pinned_run_id = r.id)
"""
BODIES = """
DELETE FROM larder_sync_body b WHERE b.kept_at < clock_timestamp() - interval '1 day'
    AND NOT EXISTS (SELECT FROM larder_sync_payload p WHERE p.body_id = b.sha256)
"""
"""A run that goes on has stored bytes that nothing points at yet, so they stay for a day."""
RUNS = """
WITH old AS (
    SELECT id FROM larder_sync_run r
    WHERE finished_at < clock_timestamp() - make_interval(days => %(runs)s)
        AND EXISTS (SELECT FROM larder_sync_run n WHERE n.source = r.source AND n.stream = r.stream AND n.id > r.id)
        AND NOT EXISTS (SELECT FROM larder_sync_payload p WHERE p.run_id = r.id)
        AND NOT EXISTS (SELECT FROM larder_sync_stream s WHERE s.pinned_run_id = r.id)
), problems AS (
    DELETE FROM larder_sync_problem WHERE run_id IN (SELECT id FROM old)
), replays AS (
    UPDATE larder_sync_run SET replays_id = NULL
    WHERE replays_id IN (SELECT id FROM old) AND id NOT IN (SELECT id FROM old)
)
DELETE FROM larder_sync_run WHERE id IN (SELECT id FROM old)
"""
HISTORY = """
DELETE FROM {table} h WHERE h.recorded_at < clock_timestamp() - make_interval(days => %(history)s)
    AND EXISTS (SELECT FROM {table} n WHERE n.{row} = h.{row} AND n.id > h.id)
"""


async def forget(connection: psycopg.AsyncConnection[Any], kept: Kept) -> None:
    """Drop what is older than it is kept for: answers, then runs, then history, deliveries and allowances."""
    days = {"payloads": kept.answers_days, "runs": kept.runs_days, "history": kept.history_days}
    for statement in (PAYLOADS, BODIES, RUNS):
        await connection.execute(statement, days)
    for target in installed_targets().targets:
        if target.history is not None:
            meta = target.history.model._meta
            row = meta.get_field(target.history.row_field).column  # type: ignore[union-attr]
            await connection.execute(HISTORY.format(table=meta.db_table, row=row), days)
    await inbox.forget(connection, kept.runs_days * DAY_HOURS)
    await allowances.forget(connection, kept.runs_days * DAY_HOURS)
