"""Days, times and dates of Open Delivery (``Hours``, ``TimePeriods``, ``HolidayHours``; General Guidelines).

All of them are UTC. So hours that are meant locally drift by an hour where clocks change, until the supplier writes
them anew; nobody can tell from the document which ones are meant so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sync.records import DatedHours, WeeklyHours
from sync.sources.open_delivery.shapes import Unreadable

TIMEZONE = "UTC"
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MIDNIGHT = time()
LAST_MINUTE = time(23, 59)
DAY = timedelta(days=1)
MIDNIGHT_OF_A_DAY = datetime(2000, 1, 1, tzinfo=UTC)
DATE = "must be a date such as 2021-05-27 or 05/27/2021"
TIME = "must be a UTC time such as 10:00:00.000Z"


def read_time(name: str, value: Any) -> time:
    """A time of day in UTC. Raises ``Unreadable``, also for another offset, which would be another day's time."""
    if isinstance(value, str) and value.startswith("24:00"):
        value = value.replace("24", "00", 1)
    try:
        found = time.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable(f"{name} {TIME}", repr(value)) from None
    if found.utcoffset():
        raise Unreadable(f"{name} {TIME}", repr(value))
    return found.replace(tzinfo=None)


def read_end(value: Any) -> time:
    """The end of an interval. The day's last minute is meant to reach midnight: no minute of the day is left after."""
    end = read_time("endTime", value)
    return MIDNIGHT if end >= LAST_MINUTE else end


def read_period(value: Any) -> tuple[time, time]:
    """``TimePeriods``: start and end; an end that is not after the start is the next day's. Raises ``Unreadable``."""
    if not isinstance(value, dict):
        raise Unreadable("timePeriods must be an object", repr(value))
    return read_time("startTime", value.get("startTime")), read_end(value.get("endTime"))


def read_date(name: str, value: Any) -> date | None:
    """A date, None when absent. The specification's own example writes month/day/year. Raises ``Unreadable``."""
    if value is None:
        return None
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC).date()
        except (TypeError, ValueError):
            continue
    raise Unreadable(f"{name} {DATE}", repr(value))


def read_weekly(name: str, value: Any) -> tuple[WeeklyHours, ...]:
    """A list of ``Hours``, sorted. Raises ``Unreadable``."""
    if not isinstance(value, list) or not value:
        raise Unreadable(f"{name} must be a list that is not empty", repr(value))
    return merged(weekly for entry in value for weekly in read_hours(name, entry))


def read_hours(name: str, entry: Any) -> Iterator[WeeklyHours]:
    days = entry.get("dayOfWeek") if isinstance(entry, dict) else None
    if not isinstance(days, list):
        raise Unreadable(f"{name} must name its days in dayOfWeek", repr(entry))
    start, end = read_period(entry.get("timePeriods"))
    for day in days:
        if day not in DAYS:
            raise Unreadable(f"dayOfWeek must be one of {', '.join(DAYS)}", repr(day))
        yield WeeklyHours(day=DAYS.index(day) + 1, start=start, end=end)


def read_holidays(value: Any) -> tuple[DatedHours, ...]:
    """A list of ``HolidayHours``, by date; a date without a period is closed. Raises ``Unreadable``."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Unreadable("holidayHours must be a list", repr(value))
    by_date: dict[date, list[tuple[time, time]]] = defaultdict(list)
    for entry in value:
        on = read_date("date", entry.get("date") if isinstance(entry, dict) else entry)
        if on is None:
            raise Unreadable(f"date {DATE}", repr(entry))
        period = entry.get("timePeriods")
        by_date[on] += [] if period is None else [read_period(period)]
    return tuple(DatedHours(on=on, hours=merged_periods(hours)) for on, hours in sorted(by_date.items()))


def merged(hours: Iterable[WeeklyHours]) -> tuple[WeeklyHours, ...]:
    """The same opening in as few intervals as hold it, by day."""
    by_day: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for interval in hours:
        by_day[interval.day].append((interval.start, interval.end))
    return tuple(
        WeeklyHours(day=day, start=start, end=end)
        for day, periods in sorted(by_day.items())
        for start, end in merged_periods(periods)
    )


def merged_periods(periods: Iterable[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """The intervals that begin on one day, joined where they overlap or touch and the whole is a day at most."""
    joined: list[tuple[time, time]] = []
    for start, end in sorted(periods):
        if joined and instant(start) <= reach(*joined[-1]):
            first, last = joined[-1]
            furthest = max(reach(first, last), reach(start, end))
            if furthest - instant(first) <= DAY:
                joined[-1] = (first, (MIDNIGHT_OF_A_DAY + furthest).time())
                continue
        joined.append((start, end))
    return tuple(joined)


def instant(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def reach(start: time, end: time) -> timedelta:
    """When an interval ends, from the midnight before its start."""
    return instant(end) + (timedelta() if end > start else DAY)
