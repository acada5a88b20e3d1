"""How the streams are doing, for an operator to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sync.connections import connect
from sync.freshness import FreshnessStatus, freshness_status
from sync.problems import Found
from sync.settings import SourceSettings
from sync.sources import streams_of

PROBLEMS = 5

LAST_RUN = """
SELECT id, state, started_at, finished_at, error FROM larder_sync_run
WHERE source = %s AND stream = %s ORDER BY id DESC LIMIT 1
"""
LAST_PROBLEMS = "SELECT scope, kind, key, rule, value FROM larder_sync_problem WHERE run_id = %s ORDER BY id LIMIT %s"
CONFIRMED = """
SELECT concern, count(*), count(confirmed_at), min(confirmed_at), min(fresh_for_seconds), min(stale_for_seconds),
    clock_timestamp()
FROM larder_confirmation WHERE source = %s AND concern = ANY(%s) GROUP BY concern
"""
LAST_DOCUMENTS = """
SELECT documents FROM larder_sync_run
WHERE source = %s AND stream = %s AND state IN ('PUBLISHED', 'HELD') ORDER BY id DESC LIMIT 1
"""
HELD = "SELECT held FROM larder_sync_stream WHERE source = %s AND name = %s"


@dataclass(frozen=True, slots=True)
class ConcernStatus:
    """One concern: ``confirmed`` of ``units`` were ever confirmed, the longest ago at ``oldest``."""

    concern: str
    units: int
    confirmed: int
    oldest: datetime | None
    freshness: FreshnessStatus


@dataclass(frozen=True, slots=True)
class LastRun:
    """A stream's latest run; ``finished_at`` None while it goes on."""

    run_id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream: its last run (None: it never ran), what it confirmed, what it holds back."""

    source: str
    stream: str
    last_run: LastRun | None = None
    concerns: tuple[ConcernStatus, ...] = ()
    held: tuple[str, ...] = ()
    problems: tuple[Found, ...] = ()


async def read_status(sources: Iterable[SourceSettings]) -> list[StreamStatus]:
    """The state of every stream of ``sources``, in their order."""
    found = []
    async with await connect() as connection:
        for source in sources:
            for stream, kind in streams_of(source).items():
                run = await (await connection.execute(LAST_RUN, [source.name, stream])).fetchone()
                concerns = await (await connection.execute(CONFIRMED, [source.name, list(kind.concerns)])).fetchall()
                held = await (await connection.execute(HELD, [source.name, stream])).fetchone()
                problems = await connection.execute(LAST_PROBLEMS, [run[0] if run else None, PROBLEMS])
                found.append(
                    StreamStatus(
                        source.name,
                        stream,
                        LastRun(*run) if run else None,
                        concerns=tuple(
                            ConcernStatus(
                                concern, units, confirmed, oldest, freshness_status(now, oldest, fresh, stale)
                            )
                            for concern, units, confirmed, oldest, fresh, stale, now in sorted(concerns)
                        ),
                        held=tuple(sorted(held[0])) if held else (),
                        problems=tuple(Found(*row) for row in await problems.fetchall()),
                    )
                )
    return found


async def documents_of_last_run(source: str, stream: str) -> int | None:
    """How many documents the last published run asked for: the best guess for the next one."""
    async with await connect() as connection:
        row = await (await connection.execute(LAST_DOCUMENTS, [source, stream])).fetchone()
    return row[0] if row else None
