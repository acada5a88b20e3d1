"""What runs there were, what they held back and refused, for an operator to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.connections import connect
from sync.errors import NotDecidable
from sync.problems import Found

SUMMARY = """
r.id, r.source, r.stream, r.state, r.trigger, r.replays_id, r.started_at, r.finished_at, r.as_of, r.documents,
r.unchanged_documents, r.failed_documents, r.staged, r.inserted, r.updated, r.deleted, r.quarantined, r.error,
r.holds, r.decision, (SELECT count(*) FROM larder_sync_payload p WHERE p.run_id = r.id)
"""
LIST = f"""
SELECT {SUMMARY} FROM larder_sync_run r
WHERE r.source = ANY(%(sources)s) AND (%(stream)s::text IS NULL OR r.stream = %(stream)s)
    AND (%(state)s::text IS NULL OR r.state = %(state)s)
    AND (NOT %(undecided)s OR (r.holds <> '[]' AND r.decision = '' AND r.state IN ('HELD', 'PUBLISHED')))
ORDER BY r.id DESC LIMIT %(limit)s
"""
ONE = f"SELECT {SUMMARY} FROM larder_sync_run r WHERE r.id = %s"
PROBLEMS = "SELECT scope, kind, key, rule, value FROM larder_sync_problem WHERE run_id = %s ORDER BY id"
PAYLOADS = """
SELECT p.request, p.status, encode(p.body_id, 'hex'), length(b.content) FROM larder_sync_payload p
LEFT JOIN larder_sync_body b ON b.sha256 = p.body_id WHERE p.run_id = %s ORDER BY p.number
"""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run. ``holds`` are as stored: unit, rule, value, digest, waits_for; ``payloads`` answers are kept of it."""

    run: int
    source: str
    stream: str
    state: str
    trigger: str
    replays: int | None
    started_at: datetime
    finished_at: datetime | None
    as_of: datetime | None
    documents: int
    unchanged_documents: int
    failed_documents: int
    staged: int
    inserted: int
    updated: int
    deleted: int
    quarantined: int
    error: str
    holds: Sequence[dict[str, Any]]
    decision: str
    payloads: int


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer kept of a run. ``stored_bytes``: compressed; None for an answer without a body."""

    request: str
    status: int
    sha256: str | None
    stored_bytes: int | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run, what it refused to believe, and the answers that are kept of it."""

    summary: RunSummary
    problems: tuple[Found, ...]
    answers: tuple[StoredAnswer, ...]


async def list_runs(
    sources: Sequence[str],
    *,
    stream: str | None = None,
    state: str | None = None,
    undecided: bool = False,
    limit: int = 20,
) -> list[RunSummary]:
    """The latest runs first. ``undecided``: only those that hold something back which nobody has decided about."""
    asked = {"sources": list(sources), "stream": stream, "state": state, "undecided": undecided, "limit": limit}
    async with await connect() as connection:
        rows = await (await connection.execute(LIST, asked)).fetchall()
    return [RunSummary(*row) for row in rows]


async def show_run(run_id: int) -> RunDetail:
    """All that is kept of a run. Raises ``NotDecidable`` when there is none."""
    async with await connect() as connection:
        row = await (await connection.execute(ONE, [run_id])).fetchone()
        if row is None:
            raise NotDecidable("a run must exist", f"run {run_id}")
        problems = await (await connection.execute(PROBLEMS, [run_id])).fetchall()
        answers = await (await connection.execute(PAYLOADS, [run_id])).fetchall()
    return RunDetail(
        RunSummary(*row), tuple(Found(*problem) for problem in problems), tuple(StoredAnswer(*one) for one in answers)
    )
