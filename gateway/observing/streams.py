"""How the streams of suppliers are doing, as the store has it: what an operator wants to be woken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.observing.families import Value

STATES = ("PUBLISHED", "HELD", "FAILED", "SUPERSEDED")
"""In which a run may end."""

STREAMS = """
WITH known AS (
    SELECT source, name AS stream FROM larder_sync_stream
    UNION
    SELECT source, stream FROM (
        SELECT source, stream FROM larder_sync_delivery WHERE done_at IS NULL LIMIT 10000
    ) AS waiting
    ORDER BY 1, 2 LIMIT 500
), refused AS (
    SELECT source, (
        SELECT count(*) FROM (SELECT FROM larder_sync_quarantine q WHERE q.source = sources.source LIMIT 10000) AS rows
    ) AS count FROM (SELECT DISTINCT source FROM known) AS sources
)
SELECT known.source, known.stream, ended.state,
    extract(epoch FROM transaction_timestamp() - coalesce(published.started_at, first.started_at))::float8,
    CASE WHEN judged.state = 'HELD' AND judged.decision = '' THEN 1 ELSE 0 END,
    coalesce(held.units, 0),
    refused.count,
    waiting.count,
    coalesce(extract(epoch FROM transaction_timestamp() - oldest.received_at), 0)::float8
FROM known JOIN refused ON refused.source = known.source
LEFT JOIN LATERAL (
    SELECT state FROM larder_sync_run r
    WHERE r.source = known.source AND r.stream = known.stream AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1
) AS ended ON true
LEFT JOIN LATERAL (
    SELECT started_at FROM (
        SELECT id, state, started_at FROM larder_sync_run r
        WHERE r.source = known.source AND r.stream = known.stream ORDER BY id DESC LIMIT 10000
    ) AS lately WHERE state = 'PUBLISHED' ORDER BY id DESC LIMIT 1
) AS published ON true
LEFT JOIN LATERAL (
    SELECT started_at FROM larder_sync_run r
    WHERE r.source = known.source AND r.stream = known.stream ORDER BY id LIMIT 1
) AS first ON true
LEFT JOIN LATERAL (
    SELECT state, decision FROM (
        SELECT id, state, decision FROM larder_sync_run r
        WHERE r.source = known.source AND r.stream = known.stream ORDER BY id DESC LIMIT 10000
    ) AS lately WHERE state IN ('PUBLISHED', 'HELD') ORDER BY id DESC LIMIT 1
) AS judged ON true
LEFT JOIN LATERAL (
    SELECT (SELECT count(*) FROM jsonb_object_keys(s.held)) AS units FROM larder_sync_stream s
    WHERE s.source = known.source AND s.name = known.stream
) AS held ON true
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM larder_sync_delivery d
        WHERE d.source = known.source AND d.stream = known.stream AND done_at IS NULL LIMIT 10000
    ) AS rows
) AS waiting
LEFT JOIN LATERAL (
    SELECT received_at FROM larder_sync_delivery d
    WHERE d.source = known.source AND d.stream = known.stream AND done_at IS NULL ORDER BY id LIMIT 1
) AS oldest ON true
ORDER BY 1, 2
"""
"""A row for each stream that ever ran or that a supplier told something for.

Each part reads an index from one end, up to a bound. A run that is held waits for an operator until another one is
published or held, which closes it, so that only the last of these can.
"""


def told(rows: Sequence[tuple[Any, ...]]) -> list[Value]:
    """The numbers in the rows of ``STREAMS``; a stream that never ran has neither age nor state."""
    found: list[Value] = []
    for source, stream, state, age, runs, units, _, waiting, oldest in rows:
        labels = source, stream
        if age is not None:
            found.append(("larder_sync_published_age_seconds", labels, age))
        if state is not None:
            found += [("larder_sync_last_run", (source, stream, one), one == state) for one in STATES]
        found += [
            ("larder_sync_held_runs", labels, runs),
            ("larder_sync_held_units", labels, units),
            ("larder_sync_inbox_waiting", labels, waiting),
            ("larder_sync_inbox_age_seconds", labels, oldest),
        ]
    refused = {source: count for source, _, _, _, _, _, count, *_ in rows}
    return found + [("larder_sync_quarantined_rows", (source,), count) for source, count in refused.items()]
