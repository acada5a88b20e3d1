"""``extensions.freshness``: how old what every source said is, out of the snapshot that the answer was read in."""

from __future__ import annotations

from typing import Any

from loaders.session import ReadSession
from loaders.statement import Statement
from sync.freshness import FreshnessStatus, freshness_status

SUMMARY = Statement(
    """
    SELECT source, concern, count(*), count(confirmed_at), min(confirmed_at), max(as_of),
        min(fresh_for_seconds), min(stale_for_seconds)
    FROM larder_confirmation GROUP BY source, concern ORDER BY source, concern
    """,
    (),
    ("source", "concern", "scopes", "confirmed", "oldest", "as_of", "fresh_for", "stale_for"),
)


async def read_freshness(session: ReadSession) -> dict[str, Any]:
    """Source -> concern -> status, confirmedAt, asOf: those of the unit that was confirmed longest ago.

    NEVER, without a time, while one of them was never confirmed. Judged at the operation instant. Raises
    ``StoreUnavailable``.
    """
    found: dict[str, Any] = {}
    for source, concern, scopes, confirmed, oldest, as_of, fresh_for, stale_for in await session.rows(SUMMARY, {}):
        at = oldest if scopes == confirmed else None
        status = freshness_status(session.instant, at, fresh_for, stale_for)
        found.setdefault(source, {})[concern] = {
            "status": status.value,
            "confirmedAt": None if status is FreshnessStatus.NEVER else at,
            "asOf": as_of,
        }
    return found
