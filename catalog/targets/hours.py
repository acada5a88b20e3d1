"""Schedules: local hours as the store's functions read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from catalog.targets.values import timezone
from sync import records
from sync.targets import Refused

DAYS = range(1, 8)
MOST_ENTRIES = 1_000
"""Weekly hours, or dated ones, of one schedule."""


def schedule_row(record: records.ScheduleRecord) -> dict[str, Any]:
    """A schedule. What a supplier lists in another order is the same schedule."""
    if record.first_day and record.last_day and record.first_day > record.last_day:
        raise Refused("last_day must not be before first_day", f"{record.first_day} to {record.last_day}")
    return {
        "timezone": timezone(record.timezone),
        "weekly": weekly(record.weekly),
        "exceptions": dated(record.exceptions),
        "first_day": day(record.first_day),
        "last_day": day(record.last_day),
    }


def weekly(hours: Sequence[records.WeeklyHours]) -> list[list[Any]]:
    """``[[day, start, end], …]`` in order; an end that equals its start is the same time a day later."""
    for entry in hours:
        if entry.day not in DAYS:
            raise Refused("a day of the week must be between 1 (Monday) and 7", entry.day)
    return limited("weekly hours", {(entry.day, clock(entry.start), clock(entry.end)) for entry in hours})


def dated(exceptions: Sequence[records.DatedHours]) -> list[list[Any]]:
    """``[[date, start, end], …]`` in order, start and end None for a date without hours."""
    found: set[tuple[str, str | None, str | None]] = set()
    closed = {entry.on for entry in exceptions if not entry.hours}
    for entry in exceptions:
        if entry.hours and entry.on in closed:
            raise Refused("a date must not be closed and have hours", entry.on.isoformat())
        on = entry.on.isoformat()
        found.update((on, clock(start), clock(end)) for start, end in entry.hours)
        found.update([] if entry.hours else [(on, None, None)])
    return limited("hours of single dates", found)


def limited(rule: str, entries: set[Any]) -> list[list[Any]]:
    """The entries in order, if they are not too many."""
    if len(entries) > MOST_ENTRIES:
        raise Refused(f"a schedule must have at most {MOST_ENTRIES} {rule}", len(entries))
    return [list(entry) for entry in sorted(entries)]


def clock(at: time) -> str:
    """A local time as text, with seconds where it has some."""
    if at.tzinfo is not None:
        raise Refused("hours must be local times, without a UTC offset", at.isoformat())
    return at.isoformat("auto" if at.second or at.microsecond else "minutes")


def day(on: date | None) -> str | None:
    """A date as text."""
    return None if on is None else on.isoformat()
