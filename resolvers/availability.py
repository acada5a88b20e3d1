"""Whether an item can be had, as far as that is known."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet, TextField

from catalog.models import Availability, AvailabilityState
from larder.ages import status, status_changes_at
from loaders.changes import first_of
from loaders.fetches import declared_fetch
from loaders.params import Param
from sync.freshness import FreshnessStatus

UNKNOWN = "UNKNOWN"


@declared_fetch(
    Availability,
    key="item_id",
    many=False,
    params={"channel": TextField(), "location": TextField()},
    empty_when_missing=True,
)
def availability_by_item_id(channel: Param | None, location: Param | None) -> QuerySet[Availability]:
    """The item's availability at its own location, or at another: the channel's if it has one, else every channel's.

    Without a channel only the one of every channel counts: a channel's own says nothing of the others.
    """
    here = Q(location_id=F("item__location_id")) if location is None else Q(location__slug=location)
    rows = Availability.objects.filter(here)
    if channel is None:
        return rows.filter(channel__isnull=True).order_by("id")
    return rows.filter(Q(channel=channel) | Q(channel__isnull=True)).order_by(F("channel").asc(nulls_last=True), "id")


def ended(until: datetime | None, instant: datetime) -> bool:
    """Whether a state has ended by the clock alone."""
    return until is not None and until <= instant


def state(
    stored: str | None,
    until: datetime | None,
    held_confirmed_at: datetime | None,
    confirmed: datetime | None,
    fresh_for_seconds: int | None,
    stale_for_seconds: int | None,
    *,
    instant: datetime,
    at: datetime | None = None,
) -> str:
    """The state at ``at`` (None: the operation instant), as far as is known at the operation instant.

    UNKNOWN for what was never confirmed or too long ago, never AVAILABLE. After ``until`` something sold out or hidden
    is available again; of something available nothing is known.
    """
    believed = status(held_confirmed_at, confirmed, fresh_for_seconds, stale_for_seconds, instant=instant)
    if stored is None or believed in (FreshnessStatus.EXPIRED, FreshnessStatus.NEVER):
        return UNKNOWN
    if ended(until, at or instant):
        return UNKNOWN if stored == AvailabilityState.AVAILABLE else AvailabilityState.AVAILABLE.value
    return stored


def state_changes_at(
    stored: str | None,
    until: datetime | None,
    held_confirmed_at: datetime | None,
    confirmed: datetime | None,
    fresh_for_seconds: int | None,
    stale_for_seconds: int | None,
    *,
    instant: datetime,
    at: datetime | None = None,
) -> datetime | None:
    """When ``state`` may be another one by the clock alone."""
    if stored is None:
        return None
    believed = status_changes_at(held_confirmed_at, confirmed, fresh_for_seconds, stale_for_seconds, instant=instant)
    return first_of(believed, until_changes_at(until, instant=instant, at=at))


def until_changes_at(stored: datetime | None, *, instant: datetime, at: datetime | None = None) -> datetime | None:
    """When ``until`` is another one by the clock alone."""
    return None if at is not None or ended(stored, instant) else stored


def until(stored: datetime | None, *, instant: datetime, at: datetime | None = None) -> datetime | None:
    """When the state at ``at`` (None: the operation instant) ends; null once it has."""
    return None if ended(stored, at or instant) else stored
