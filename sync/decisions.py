"""What operators decide about runs: to publish what is held, to do a run again, to keep a stream as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from sync.connections import connect
from sync.errors import NotDecidable
from sync.leases import DECODER, ensure_stream
from sync.recording import Replay
from sync.run import Progress, ignore
from sync.runner import run_stream
from sync.runs import RunReport, State, Trigger
from sync.settings import SourceSettings

FIND = """
SELECT r.source, r.stream, r.state, r.decision, r.cursor::text, r.started_at, r.holds <> '[]',
    EXISTS (SELECT FROM larder_sync_payload p WHERE p.run_id = r.id),
    (SELECT max(n.id) FROM larder_sync_run n
        WHERE n.source = r.source AND n.stream = r.stream AND n.id > r.id AND n.state = 'PUBLISHED')
FROM larder_sync_run r WHERE r.id = %s
"""
DECIDE = "UPDATE larder_sync_run SET decision = %s WHERE id = %s AND decision = ''"
LAST_PUBLISHED = """
SELECT max(id) FROM larder_sync_run WHERE source = %s AND stream = %s AND state = 'PUBLISHED'
"""
PIN = "UPDATE larder_sync_stream SET pinned_run_id = %s WHERE source = %s AND name = %s"
RELEASE = """
UPDATE larder_sync_stream SET pinned_run_id = NULL, cursor = '{}'
WHERE source = %s AND name = %s AND pinned_run_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Decidable:
    """A run that an operator may decide about. ``newer``: the last run published after it."""

    run_id: int
    source: str
    stream: str
    state: str
    decision: str
    cursor: dict[str, Any]
    started_at: datetime
    holds: bool
    recorded: bool
    newer: int | None

    def replay(self, *, waived: bool = False, whole: bool = False) -> Replay:
        """Itself, to be done again. Raises ``NotDecidable``."""
        if not self.recorded:
            raise NotDecidable("what the supplier answered must still be stored", f"run {self.run_id}")
        if self.newer is not None and not whole:
            raise NotDecidable("no later run may have been published", f"run {self.newer} after run {self.run_id}")
        return Replay(self.run_id, self.cursor, self.started_at, waived=waived, whole=whole)


async def find_run(run_id: int) -> Decidable:
    """The run. Raises ``NotDecidable`` when there is none."""
    async with await connect() as connection:
        row = await (await connection.execute(FIND, [run_id])).fetchone()
    if row is None:
        raise NotDecidable("a run must exist", f"run {run_id}")
    source, stream, state, decision, cursor, *rest = row
    return Decidable(run_id, source, stream, state, decision, DECODER.decode(cursor), *rest)


async def approve(settings: SourceSettings, run: Decidable, progress: Callable[[Progress], None] = ignore) -> RunReport:
    """Publish what ``run`` holds back, from what the supplier answered then. Raises ``NotDecidable``.

    What is published counts as confirmed when that run began.
    """
    undecided(run)
    replay = run.replay(waived=True)
    report = await run_stream(settings, run.stream, progress, trigger=Trigger.OPERATOR, replay=replay)
    if report.state is State.PUBLISHED:
        await decide(run.run_id, "APPROVED")
    return report


async def reject(run: Decidable) -> None:
    """Leave the store as it is, also when the supplier says exactly this again. Raises ``NotDecidable``."""
    undecided(run)
    if run.state != State.HELD:
        raise NotDecidable("only a run that is held as a whole can be rejected", f"run {run.run_id}: {run.state}")
    await decide(run.run_id, "REJECTED")


async def replay(settings: SourceSettings, run: Decidable, progress: Callable[[Progress], None] = ignore) -> RunReport:
    """Do ``run`` again, guards and all, from what the supplier answered then. Raises ``NotDecidable``."""
    return await run_stream(settings, run.stream, progress, trigger=Trigger.REPLAY, replay=run.replay())


async def pin(
    settings: SourceSettings, stream: str, run: Decidable | None, progress: Callable[[Progress], None] = ignore
) -> RunReport | None:
    """Keep the stream as it is, or as ``run`` left it, until it is released. Raises ``NotDecidable``.

    Only a run that said everything there is can be gone back to.
    """
    report = None
    if run is not None:
        if (run.source, run.stream) != (settings.name, stream):
            raise NotDecidable(f"the run must be one of {settings.name}/{stream}", f"run {run.run_id}")
        replay = run.replay(waived=True, whole=True)
        report = await run_stream(settings, stream, progress, trigger=Trigger.OPERATOR, replay=replay)
        if report.state is not State.PUBLISHED:
            return report
    async with await connect() as connection, connection.transaction():
        await ensure_stream(connection, settings.name, stream)
        pinned = report.run_id if report else await last_published(connection, settings.name, stream)
        await connection.execute(PIN, [pinned, settings.name, stream])
    return report


async def release(settings: SourceSettings, stream: str) -> None:
    """Let a pinned stream go on; the next run asks for everything. Raises ``NotDecidable``."""
    async with await connect() as connection:
        if not (await connection.execute(RELEASE, [settings.name, stream])).rowcount:
            raise NotDecidable("a stream must be pinned to be released", f"{settings.name}/{stream}")


async def last_published(connection: psycopg.AsyncConnection[Any], source: str, stream: str) -> int:
    row = await (await connection.execute(LAST_PUBLISHED, [source, stream])).fetchone()
    if row is None or row[0] is None:
        raise NotDecidable("a stream must have been published to be pinned", f"{source}/{stream}")
    return int(row[0])


async def decide(run_id: int, decision: str) -> None:
    async with await connect() as connection:
        if not (await connection.execute(DECIDE, [decision, run_id])).rowcount:
            raise NotDecidable("nobody may have decided about the run", f"run {run_id}")


def undecided(run: Decidable) -> None:
    """Raises ``NotDecidable`` unless the run holds something back that nobody has decided about."""
    if run.decision:
        raise NotDecidable("nobody may have decided about the run", f"run {run.run_id}: {run.decision}")
    if not run.holds:
        raise NotDecidable("the run must hold something back", f"run {run.run_id}: {run.state}")
