"""Hours of Toast (Menus V2, ``Availability``, ``Schedule``, ``TimeRange``) as schedules: local days and ``HH:MM``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from sync.records import ScheduleRecord, WeeklyHours
from sync.sources.toast.shapes import Unreadable, entries, thing

DAYS: Mapping[str, int] = {
    name: day
    for day, name in enumerate(("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"), start=1)
}
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::00(?:\.0+)?)?")
END_OF_DAY = "24:00"


def menu_hours(availability: Any, timezone: str) -> ScheduleRecord | None:
    """When a menu is served; None: always. Raises ``Unreadable``."""
    if availability is None:
        return None
    found = thing(availability)
    always = found.get("alwaysAvailable", False)
    if not isinstance(always, bool):
        raise Unreadable("alwaysAvailable must be true or false", repr(always))
    return None if always else schedule(entries(found, "schedule"), timezone)


def schedule(listed: Iterable[Any], timezone: str) -> ScheduleRecord:
    """The hours that the entries list. A day that none of them lists has none. Raises ``Unreadable``."""
    weekly = {
        WeeklyHours(day=day, start=start, end=end)
        for entry in listed
        for day in days(thing(entry))
        for start, end in ranges(thing(entry))
    }
    ordered = sorted(weekly, key=lambda hours: (hours.day, hours.start, hours.end))
    return ScheduleRecord(timezone=timezone, weekly=tuple(ordered))


def days(entry: dict[str, Any]) -> list[int]:
    listed = entries(entry, "days")
    for day in listed:
        if day not in DAYS:
            raise Unreadable(f"a day must be one of {', '.join(DAYS)}", repr(day))
    return [DAYS[day] for day in listed]


def ranges(entry: dict[str, Any]) -> list[tuple[time, time]]:
    """Start and end of each range. An end at or before the start lies on the next day: 00:00 to 00:00 is all day."""
    return [
        (clock(thing(found), "start"), clock(thing(found), "end", midnight=END_OF_DAY))
        for found in entries(entry, "timeRanges")
    ]


def clock(found: dict[str, Any], name: str, midnight: str | None = None) -> time:
    value = found.get(name)
    if value == midnight and value is not None:
        return time()
    match = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unreadable(f"{name} of a time range must be HH:MM", repr(value))
    return time(int(match[1]), int(match[2]))
