from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.freshness import FreshnessStatus, freshness_status

CONFIRMED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_seconds", "status"),
    [
        (-5, FreshnessStatus.FRESH),
        (0, FreshnessStatus.FRESH),
        (60, FreshnessStatus.FRESH),
        (60.001, FreshnessStatus.STALE),
        (600, FreshnessStatus.STALE),
        (600.001, FreshnessStatus.EXPIRED),
    ],
)
def test_each_threshold_belongs_to_the_fresher_side(age_seconds: float, status: FreshnessStatus) -> None:
    assert freshness_status(CONFIRMED + timedelta(seconds=age_seconds), CONFIRMED, 60, 600) is status


def test_what_nobody_confirmed_is_never_fresh() -> None:
    assert freshness_status(CONFIRMED, None, 60, 600) is FreshnessStatus.NEVER
