"""The record of a run: opened with its lease, moved from state to state, closed with what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from sync.leases import Lease
from sync.models import Run
from sync.problems import Found, Problems

State = Run.State

ABANDON = """
UPDATE larder_sync_run
SET state = 'SUPERSEDED', finished_at = clock_timestamp(), error = 'its runner died: the lease ran out'
WHERE source = %s AND stream = %s AND finished_at IS NULL
RETURNING id
"""
OPEN = """
INSERT INTO larder_sync_run (source, stream, state, fence, started_at, documents, unchanged_documents, failed_documents,
    staged, inserted, updated, deleted, quarantined, error, trigger, cursor, holds, decision)
SELECT %s, %s, 'FETCHING', %s, %s, 0, 0, 0, 0, 0, 0, 0, 0, '', 'SCHEDULE', s.cursor, '[]', ''
FROM larder_sync_stream s WHERE s.id = %s
RETURNING id
"""
MOVE = "UPDATE larder_sync_run SET state = %s WHERE id = %s AND finished_at IS NULL"
CLOSE = """
UPDATE larder_sync_run SET state = %(state)s, finished_at = clock_timestamp(), as_of = %(as_of)s,
    documents = %(documents)s, unchanged_documents = %(unchanged_documents)s, failed_documents = %(failed_documents)s,
    staged = %(staged)s, inserted = %(inserted)s, updated = %(updated)s, deleted = %(deleted)s,
    quarantined = %(quarantined)s, error = %(error)s
WHERE id = %(run_id)s AND finished_at IS NULL
"""
EMPTY = "DELETE FROM larder_sync_staged WHERE run_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. Counts of rows, but for ``documents``; ``held`` are the units that the loss guard held back."""

    source: str
    stream: str
    run_id: int
    state: State
    started_at: datetime
    as_of: datetime | None = None
    documents: int = 0
    unchanged_documents: int = 0
    failed_documents: int = 0
    staged: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    quarantined: int = 0
    confirmed: int = 0
    """Units of freshness that are confirmed as of ``started_at``."""
    held: tuple[str, ...] = ()
    error: str = ""
    problems: tuple[Found, ...] = ()

    @property
    def changed(self) -> int:
        """Rows written."""
        return self.inserted + self.updated + self.deleted

    @property
    def unchanged(self) -> int:
        """Rows that said what the store already held."""
        return max(self.staged - self.inserted - self.updated - self.quarantined, 0)


async def open_run(connection: psycopg.AsyncConnection[Any], source: str, stream: str, lease: Lease) -> int:
    """Id of the new run. Runs of this stream that never finished are closed and their staging emptied."""
    async with connection.transaction():
        await lease.lock(connection)
        abandoned = await (await connection.execute(ABANDON, [source, stream])).fetchall()
        if abandoned:
            await connection.execute(EMPTY, [[run_id for (run_id,) in abandoned]])
        row = await (
            await connection.execute(OPEN, [source, stream, lease.fence, lease.started_at, lease.stream_id])
        ).fetchone()
    if row is None:
        raise AssertionError("INSERT … RETURNING gave no row")
    return int(row[0])


async def move(connection: psycopg.AsyncConnection[Any], run_id: int, state: State) -> None:
    """Note the state that a run has reached."""
    await connection.execute(MOVE, [state.value, run_id])


async def close_run(connection: psycopg.AsyncConnection[Any], report: RunReport, problems: Problems) -> None:
    """Close the run with its outcome and problems, and empty its staging. Part of the caller's transaction, if any."""
    values = {name: getattr(report, name) for name in RunReport.__slots__ if name not in {"held", "problems"}}
    await connection.execute(CLOSE, {**values, "state": report.state.value})
    await problems.save(connection, report.run_id)
    await connection.execute(EMPTY, [[report.run_id]])
