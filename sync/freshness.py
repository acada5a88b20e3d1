"""How old a confirmed value is, in words: FRESH, STALE, EXPIRED or NEVER."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta


class FreshnessStatus(enum.StrEnum):
    """How much the age of a value matters, by the thresholds of its concern."""

    FRESH = "FRESH"
    """Confirmed at most ``fresh_for_seconds`` ago."""
    STALE = "STALE"
    """Older than FRESH, confirmed at most ``stale_for_seconds`` ago."""
    EXPIRED = "EXPIRED"
    """Older than STALE: not to be relied on."""
    NEVER = "NEVER"
    """No supplier has confirmed it."""


def freshness_status(
    instant: datetime, confirmed_at: datetime | None, fresh_for_seconds: float, stale_for_seconds: float
) -> FreshnessStatus:
    """The status, at ``instant``, of a value confirmed at ``confirmed_at`` (both aware).

    FRESH ≤ ``fresh_for_seconds`` < STALE ≤ ``stale_for_seconds`` < EXPIRED; NEVER when ``confirmed_at`` is None.
    A value confirmed after ``instant`` is FRESH.
    """
    if confirmed_at is None:
        return FreshnessStatus.NEVER
    age_seconds = (instant - confirmed_at).total_seconds()
    if age_seconds <= fresh_for_seconds:
        return FreshnessStatus.FRESH
    if age_seconds <= stale_for_seconds:
        return FreshnessStatus.STALE
    return FreshnessStatus.EXPIRED


def next_status_at(
    instant: datetime, confirmed_at: datetime | None, fresh_for_seconds: float, stale_for_seconds: float
) -> datetime | None:
    """The first instant after ``instant`` at which the status is another one, if nothing is confirmed; None: never."""
    if confirmed_at is None:
        return None
    for seconds in (fresh_for_seconds, stale_for_seconds):
        try:
            at = confirmed_at + timedelta(seconds=seconds) + timedelta.resolution
        except OverflowError:
            continue
        if at > instant:
            return at
    return None
