"""When a supplier last confirmed each concern of each unit of freshness.

Two heads tell of it. ``larder_confirmation.confirmed_at`` moves with every confirmation. ``larder_confirmation`` moves
when a freshness may be another one for it: for a unit that was not confirmed before, or no longer fresh. An answer that
was true before any other confirmation, and says FRESH, stays true until its own threshold: a confirmation never moves
back. The margin covers the time until the publish commits, while readers still see the older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from sync.heads import CONFIRMATION_HEAD, CONFIRMED_HEAD
from sync.scopes import Unit
from sync.settings import SourceSettings

ENSURE = """
INSERT INTO larder_confirmation (source, concern, scope, fresh_for_seconds, stale_for_seconds)
SELECT %(source)s, slo.concern, unit, slo.fresh, slo.stale
FROM unnest(%(units)s::text[]) AS unit,
    unnest(%(concerns)s::text[], %(fresh)s::int[], %(stale)s::int[]) AS slo (concern, fresh, stale)
WHERE NOT EXISTS (
    SELECT FROM larder_confirmation c WHERE c.source = %(source)s AND c.concern = slo.concern AND c.scope = unit
)
ORDER BY unit, slo.concern
"""
MARGIN_SECONDS = 30
"""The longest that a publish may take from its confirmations to its commit."""

FRESH_ALWAYS = """
SELECT NOT EXISTS (
    SELECT FROM larder_confirmation c
    JOIN (
        SELECT concern, min(fresh_for_seconds) AS fresh FROM larder_confirmation WHERE source = %(source)s GROUP BY 1
    ) AS slo USING (concern)
    WHERE c.source = %(source)s AND c.concern = ANY(%(concerns)s) AND c.scope = ANY(%(units)s)
        AND COALESCE(c.confirmed_at < clock_timestamp() - make_interval(secs => slo.fresh - %(margin)s), true)
)
"""
"""Whether all were confirmed so lately that they are fresh, and stay so until the publish has committed.

The least threshold of a concern counts, since a summary goes by it.
"""
CONFIRM = """
UPDATE larder_confirmation c SET confirmed_at = GREATEST(c.confirmed_at, %(at)s), as_of = unit.as_of
FROM unnest(%(units)s::text[], %(as_of)s::timestamptz[]) AS unit (name, as_of)
WHERE c.source = %(source)s AND c.concern = ANY(%(concerns)s) AND c.scope = unit.name
"""
RETHINK = """
UPDATE larder_confirmation c SET fresh_for_seconds = slo.fresh, stale_for_seconds = slo.stale
FROM unnest(%(concerns)s::text[], %(fresh)s::int[], %(stale)s::int[]) AS slo (concern, fresh, stale)
WHERE c.source = %(source)s AND c.concern = slo.concern
    AND (c.fresh_for_seconds, c.stale_for_seconds) <> (slo.fresh, slo.stale)
"""


def thresholds(settings: SourceSettings, concerns: Sequence[str]) -> dict[str, Any]:
    """The source's thresholds as parameters."""
    slos = [settings.slo(concern) for concern in concerns]
    return {
        "source": settings.name,
        "concerns": list(concerns),
        "fresh": [slo.fresh_for_seconds for slo in slos],
        "stale": [slo.stale_for_seconds for slo in slos],
    }


async def apply_thresholds(
    connection: psycopg.AsyncConnection[Any], settings: SourceSettings, concerns: Sequence[str]
) -> None:
    """Bring stored thresholds in line with the settings, also while the supplier fails."""
    await connection.execute(RETHINK, thresholds(settings, concerns))


async def ensure_confirmations(
    connection: psycopg.AsyncConnection[Any], settings: SourceSettings, concerns: Sequence[str], units: Sequence[Unit]
) -> list[str]:
    """Make the rows that published rows point at; a new one is confirmed by nothing yet. Returns the heads to bump."""
    made = await connection.execute(ENSURE, {**thresholds(settings, concerns), "units": [unit.name for unit in units]})
    return [CONFIRMATION_HEAD, CONFIRMED_HEAD] if made.rowcount else []


async def confirm(
    connection: psycopg.AsyncConnection[Any], source: str, concerns: Sequence[str], units: Sequence[Unit], at: datetime
) -> list[str]:
    """Confirm ``units`` as of ``at``, the run's start. Never moves a confirmation back. Returns the heads to bump."""
    if not units:
        return []
    parameters = {
        "source": source,
        "concerns": list(concerns),
        "units": [unit.name for unit in units],
        "as_of": [unit.as_of for unit in units],
        "at": at,
        "margin": MARGIN_SECONDS,
    }
    asked = await (await connection.execute(FRESH_ALWAYS, parameters)).fetchone()
    confirmed = await connection.execute(CONFIRM, parameters)
    if not confirmed.rowcount:
        return []
    return [CONFIRMED_HEAD] if asked == (True,) else [CONFIRMATION_HEAD, CONFIRMED_HEAD]
