"""Hours, and what they say at an instant."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from catalog import models
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fields import argument, column, computed, fetched, larder_type
from resolvers.schedules import (
    SAID,
    dated_hours_by_schedule_id,
    said_next,
    said_open,
    said_until,
    weekly_hours_by_schedule_id,
)
from schema.scalars import LocalTime

AT = argument("at", datetime | None, "The instant that is asked about; now if absent.")


def is_open_field(description: str) -> Any:
    """Whether something is open at the instant that its object was asked for."""
    return computed(said_open, SAID, description, reads_instant=True, changes_at=said_until)


def next_change_field(description: str) -> Any:
    """When that changes."""
    return computed(said_next, SAID, description, reads_instant=True, changes_at=said_until)


@larder_type(
    models.Schedule,
    name="WeeklyHours",
    description="Hours of every week; they belong to the day on which they start.",
    directives=[CacheControl(max_age=30)],
)
class WeeklyHours:
    """An entry of a schedule's weekly hours."""

    day: int = computed(lambda entry: entry[0], ["entry"], "The day on which they start: 1 is Monday, 7 is Sunday.")
    start: LocalTime = computed(lambda entry: entry[1], ["entry"], "When they start.")
    end: LocalTime = computed(
        lambda entry: entry[2], ["entry"], "When they end, exclusive; unless after the start, on the next day."
    )


@larder_type(
    models.Schedule,
    name="DatedHours",
    description="What holds for one date instead of the weekly hours.",
    directives=[CacheControl(max_age=30)],
)
class DatedHours:
    """An entry of a schedule's exceptions."""

    on: date = computed(lambda entry: date.fromisoformat(entry[0]), ["entry"], "The date on which they start.")
    start: LocalTime | None = computed(lambda entry: entry[1], ["entry"], "When they start; null: none that day.")
    end: LocalTime | None = computed(
        lambda entry: entry[2], ["entry"], "When they end, exclusive; unless after the start, on the next day."
    )


@larder_type(
    models.Schedule,
    name="Schedule",
    description="When something is open, served or valid, by the clock on the wall.",
    directives=[CacheControl(max_age=30)],
)
class Schedule:
    """A schedule."""

    timezone: str = column("IANA time zone that the hours are local to.")
    weekly: list[WeeklyHours] = fetched(
        weekly_hours_by_schedule_id, "Hours of every week, Monday's first.", directives=[list_size(14)]
    )
    exceptions: list[DatedHours] = fetched(
        dated_hours_by_schedule_id,
        "Hours of single dates instead, the earliest first; several of one date are several entries.",
        directives=[list_size(10)],
    )
    first_day: date | None = column("The first local date on which it holds; null: always did.")
    last_day: date | None = column("The last local date on which it holds; null: open.")
    is_open: bool = is_open_field("Whether it holds at the instant that is asked about.")
    next_change: datetime | None = next_change_field("The first instant after it at which that is otherwise.")
    freshness: Freshness = freshness_field()


@larder_type(
    models.Location,
    name="Opening",
    description="Whether a location is open: by its hours, and not while it is paused.",
    directives=[CacheControl(max_age=30)],
)
class Opening:
    """A location's hours and its pause together."""

    is_open: bool | None = is_open_field("Whether it is open; null: nobody told its hours.")
    next_change: datetime | None = next_change_field("The first instant after it at which that is otherwise.")
