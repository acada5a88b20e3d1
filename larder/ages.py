"""How old a supplier's row is, by the columns that every one has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from loaders.fetches import declared_fetch
from sync.freshness import FreshnessStatus, freshness_status, next_status_at
from sync.models import Confirmation

CONFIRMED = ("held_confirmed_at", "confirmation__confirmed_at")
THRESHOLDS = ("confirmation__fresh_for_seconds", "confirmation__stale_for_seconds")


def confirmed_at(held_confirmed_at: datetime | None, confirmed: datetime | None) -> datetime | None:
    """When the value was last confirmed: a row held back keeps its own, older time."""
    return held_confirmed_at or confirmed


def status(
    held_confirmed_at: datetime | None,
    confirmed: datetime | None,
    fresh_for_seconds: int | None,
    stale_for_seconds: int | None,
    *,
    instant: datetime,
) -> FreshnessStatus:
    """The freshness of a value at the operation instant; NEVER without a confirmation."""
    known = confirmed_at(held_confirmed_at, confirmed)
    if known is None or fresh_for_seconds is None or stale_for_seconds is None:
        return FreshnessStatus.NEVER
    return freshness_status(instant, known, fresh_for_seconds, stale_for_seconds)


def status_changes_at(
    held_confirmed_at: datetime | None,
    confirmed: datetime | None,
    fresh_for_seconds: int | None,
    stale_for_seconds: int | None,
    *,
    instant: datetime,
) -> datetime | None:
    """When ``status`` is another one by the clock alone."""
    if fresh_for_seconds is None or stale_for_seconds is None:
        return None
    return next_status_at(instant, confirmed_at(held_confirmed_at, confirmed), fresh_for_seconds, stale_for_seconds)


def summary_status(
    confirmed: datetime | None, scopes: int, confirmed_scopes: int, fresh_for: int, stale_for: int, *, instant: datetime
) -> FreshnessStatus:
    """The freshness of a source's concern: that of its oldest scope; NEVER while one was never confirmed."""
    return freshness_status(instant, confirmed if scopes == confirmed_scopes else None, fresh_for, stale_for)


def summary_changes_at(
    confirmed: datetime | None, scopes: int, confirmed_scopes: int, fresh_for: int, stale_for: int, *, instant: datetime
) -> datetime | None:
    """When ``summary_status`` is another one by the clock alone."""
    return next_status_at(instant, confirmed if scopes == confirmed_scopes else None, fresh_for, stale_for)


@declared_fetch(Confirmation, key=None)
def freshness_by_source() -> QuerySet[Confirmation, Any]:
    """One row per source and concern: its oldest confirmation and how many scopes have one."""
    return (
        Confirmation.objects.values("source", "concern")
        .annotate(
            oldest_confirmed_at=Min("confirmed_at"),
            newest_as_of=Max("as_of"),
            scopes=Count("id"),
            confirmed_scopes=Count("confirmed_at"),
            fresh_for=Min("fresh_for_seconds"),
            stale_for=Min("stale_for_seconds"),
        )
        .order_by("source", "concern")
    )
