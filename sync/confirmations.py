"""When a supplier last confirmed each concern of each unit of freshness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

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
) -> None:
    """Make the rows that published rows point at; a new one is confirmed by nothing yet."""
    await connection.execute(ENSURE, {**thresholds(settings, concerns), "units": [unit.name for unit in units]})


async def confirm(
    connection: psycopg.AsyncConnection[Any], source: str, concerns: Sequence[str], units: Sequence[Unit], at: datetime
) -> None:
    """Confirm ``units`` as of ``at``, the run's start. Never moves a confirmation back."""
    if units:
        await connection.execute(
            CONFIRM,
            {
                "source": source,
                "concerns": list(concerns),
                "units": [unit.name for unit in units],
                "as_of": [unit.as_of for unit in units],
                "at": at,
            },
        )
