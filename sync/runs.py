"""The record of a run: opened with its lease, moved from state to state, closed with what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from sync.guards.holds import Hold
from sync.leases import Lease
from sync.models import Run
from sync.problems import Found, Problems
from sync.recording import Recorder

State = Run.State
Trigger = Run.Trigger

ABANDON = """
UPDATE larder_sync_run
SET state = 'SUPERSEDED', finished_at = clock_timestamp(), error = 'its runner died: the lease ran out'
WHERE source = %s AND stream = %s AND finished_at IS NULL
RETURNING id
"""
OPEN = """
INSERT INTO larder_sync_run (source, stream, state, fence, started_at, documents, unchanged_documents, failed_documents,
    staged, inserted, updated, deleted, quarantined, error, trigger, replays_id, cursor, holds, decision)
VALUES (%s, %s, 'FETCHING', %s, %s, 0, 0, 0, 0, 0, 0, 0, 0, '', %s, %s, '{}', '[]', '')
RETURNING id
"""
MOVE = "UPDATE larder_sync_run SET state = %s WHERE id = %s AND finished_at IS NULL"
CLOSE = """
UPDATE larder_sync_run SET state = %(state)s, finished_at = clock_timestamp(), as_of = %(as_of)s,
    documents = %(documents)s, unchanged_documents = %(unchanged_documents)s, failed_documents = %(failed_documents)s,
    staged = %(staged)s, inserted = %(inserted)s, updated = %(updated)s, deleted = %(deleted)s,
    quarantined = %(quarantined)s, error = %(error)s, holds = %(holds)s
WHERE id = %(run_id)s AND finished_at IS NULL
"""
OUTDATE = """
UPDATE larder_sync_run SET state = 'SUPERSEDED', error = 'run ' || %(run)s || ' came after it'
WHERE source = %(source)s AND stream = %(stream)s AND id < %(run)s AND state = 'HELD' AND decision = ''
"""
FORGET_PAYLOADS = """
DELETE FROM larder_sync_payload p USING larder_sync_run r
WHERE r.id = p.run_id AND r.source = %(source)s AND r.stream = %(stream)s AND r.state = 'SUPERSEDED'
"""
REJECTED_BEFORE = """
UPDATE larder_sync_run SET decision = 'REJECTED' WHERE id = %(run)s AND EXISTS (
    SELECT FROM larder_sync_run r WHERE r.source = %(source)s AND r.stream = %(stream)s AND r.decision = 'REJECTED'
        AND r.holds->0->>'digest' = %(digest)s
)
"""
EMPTY = "DELETE FROM larder_sync_staged WHERE run_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. Counts of rows, but for ``documents``; ``holds`` are what guards hold back."""

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
    holds: tuple[Hold, ...] = ()
    error: str = ""
    problems: tuple[Found, ...] = ()

    @property
    def held(self) -> tuple[str, ...]:
        """The units that are held back, while others may have been published."""
        return tuple(hold.unit for hold in self.holds if hold.unit is not None)

    @property
    def memorable(self) -> bool:
        """Whether what the supplier answered is worth keeping: not where it said what the store already had."""
        return bool(self.state is not State.PUBLISHED or self.changed or self.problems or self.holds)

    @property
    def changed(self) -> int:
        """Rows written."""
        return self.inserted + self.updated + self.deleted

    @property
    def unchanged(self) -> int:
        """Rows that said what the store already held."""
        return max(self.staged - self.inserted - self.updated - self.quarantined, 0)


async def open_run(
    connection: psycopg.AsyncConnection[Any],
    source: str,
    stream: str,
    lease: Lease,
    trigger: Trigger = Trigger.SCHEDULE,
    replays: int | None = None,
) -> int:
    """Id of the new run. Runs of this stream that never finished are closed and their staging emptied."""
    async with connection.transaction():
        await lease.lock(connection)
        abandoned = await (await connection.execute(ABANDON, [source, stream])).fetchall()
        if abandoned:
            await connection.execute(EMPTY, [[run_id for (run_id,) in abandoned]])
        opened = [source, stream, lease.fence, lease.started_at, trigger.value, replays]
        row = await (await connection.execute(OPEN, opened)).fetchone()
    if row is None:
        raise AssertionError("INSERT … RETURNING gave no row")
    return int(row[0])


async def move(connection: psycopg.AsyncConnection[Any], run_id: int, state: State) -> None:
    """Note the state that a run has reached."""
    await connection.execute(MOVE, [state.value, run_id])


async def close_run(
    connection: psycopg.AsyncConnection[Any], report: RunReport, problems: Problems, recorder: Recorder
) -> None:
    """Close the run with its outcome, problems and answers, and empty its staging. Part of the caller's transaction."""
    values = {name: getattr(report, name) for name in RunReport.__slots__ if name != "problems"}
    holds = Jsonb([hold.stored() for hold in report.holds])
    await connection.execute(CLOSE, {**values, "state": report.state.value, "holds": holds})
    await problems.save(connection, report.run_id)
    if report.memorable:
        await recorder.save(connection, report.run_id)
    if report.state in {State.PUBLISHED, State.HELD}:
        names = {"source": report.source, "stream": report.stream, "run": report.run_id}
        if (await connection.execute(OUTDATE, names)).rowcount:
            await connection.execute(FORGET_PAYLOADS, names)
        digest = report.holds[0].digest if report.state is State.HELD else None
        if digest is not None:
            await connection.execute(REJECTED_BEFORE, {**names, "digest": digest})
    await connection.execute(EMPTY, [[report.run_id]])
