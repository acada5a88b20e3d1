"""Answers last until the instant that their stamp names, by either executor, over both applications.

``LASTING_OPERATIONS=1000`` checks so many for each.
"""

from __future__ import annotations

import logging
import os

import pytest

from tests.equality.applications import APPLICATIONS
from tests.equality.lasting import watch

MIDNIGHTS = """
SELECT (day::timestamp AT TIME ZONE zone) FROM generate_series(date '2026-02-26', date '2026-04-08', '1 day') AS day,
    unnest(ARRAY['UTC', 'Europe/Berlin', 'Pacific/Auckland', 'America/Los_Angeles']) AS zone
"""
THRESHOLDS = """
SELECT confirmed_at + make_interval(secs => seconds) + extra
FROM larder_confirmation, unnest(ARRAY[fresh_for_seconds, stale_for_seconds]) AS seconds,
    unnest(ARRAY[interval '0', interval '1 microsecond']) AS extra
WHERE confirmed_at IS NOT NULL
"""
HOURS = """
SELECT ((day::timestamp + clock) AT TIME ZONE timezone) - beside
FROM larder_schedule, generate_series(date '2026-02-26', date '2026-04-08', '1 day') AS day,
    unnest(ARRAY[interval '0', interval '1 microsecond']) AS beside,
    unnest('{00:00,02:00,09:15,10:00,11:00,14:30,15:00,20:00,23:00,23:30,23:31,23:45}'::interval[]) AS clock
"""
SHIPPED = (
    "SELECT valid_from FROM larder_offer WHERE valid_from IS NOT NULL",
    "SELECT valid_until FROM larder_offer WHERE valid_until IS NOT NULL",
    "SELECT until FROM larder_availability WHERE until IS NOT NULL",
    "SELECT paused_until FROM larder_location WHERE paused_until IS NOT NULL",
    HOURS,
    THRESHOLDS,
    MIDNIGHTS,
)
COUNT = int(os.environ.get("LASTING_OPERATIONS", "100"))
BOUNDARIES = {"shipped": SHIPPED, "library": (MIDNIGHTS,)}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_answer_is_the_same_until_the_instant_that_it_names(store: str, name: str) -> None:
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
    application = APPLICATIONS[name]()
    stored = application.fill()

    found = watch(application, store, stored, BOUNDARIES[name], count=COUNT, seed=3)

    assert not found.wrong, found
    assert found.kept["plan"] * 10 > COUNT * 6, found
    assert found.kept["resolvers"] * 10 > COUNT * 6, found
    # Not every instant named is a change, but none may be missing, and naming far too many would keep nothing.
    assert found.sharp * 20 > found.moving, found
