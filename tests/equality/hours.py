"""What hours mean, over model instances, by the definition of a timetable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.catalog.oracle import Timetable
from tests.equality.rows import iso, one
from tests.equality.world import World

HORIZON = timedelta(days=9)
"""The shelf has no hours that stay as they are for longer, and then change."""


def asked(arguments: Mapping[str, Any], world: World, name: str = "at") -> datetime:
    """The instant that is asked about."""
    given = arguments.get(name)
    return world.instant if given is None else datetime.fromisoformat(given)


def timetable(schedule: Any) -> Timetable:
    dated: dict[date, list[tuple[time, time]]] = {}
    for on, start, end in schedule.exceptions:
        hours = dated.setdefault(date.fromisoformat(on), [])
        hours += [] if start is None else [(time.fromisoformat(start), time.fromisoformat(end))]
    return Timetable(
        schedule.timezone,
        tuple((day, time.fromisoformat(start), time.fromisoformat(end)) for day, start, end in schedule.weekly),
        tuple((on, tuple(hours)) for on, hours in dated.items()),
        schedule.first_day,
        schedule.last_day,
    )


def in_force(row: Any, at: datetime, world: World) -> bool:
    """Whether a row has no schedule, or one that is open then."""
    return row.schedule_id is None or is_open(one("schedule")(row, {}, world), at, world)


def is_open(schedule: Any, at: datetime, world: World) -> bool:
    return bool(world.once(("open", schedule.pk, at), lambda: timetable(schedule).is_open(at)))


def next_change(schedule: Any, at: datetime, world: World) -> datetime | None:
    found: datetime | None = world.once(
        ("change", schedule.pk, at), lambda: timetable(schedule).next_change(at, HORIZON)
    )
    return found


def hours(row: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any] | None:
    """A schedule, with what it says at the instant that is asked about."""
    schedule = one("schedule")(row, {}, world)
    if schedule is None:
        return None
    at = asked(arguments, world)
    return {
        "row": schedule,
        "isOpen": is_open(schedule, at, world),
        "nextChange": iso(next_change(schedule, at, world)),
    }


def opening(location: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Shut until a pause ends; then as the hours say."""
    at, schedule = asked(arguments, world), one("schedule")(location, {}, world)
    paused = location.paused_until is not None and location.paused_until > at
    then = location.paused_until if paused else at
    opens = None if schedule is None else is_open(schedule, then, world)
    changes = None if schedule is None else next_change(schedule, then, world)
    if paused and opens is not False:
        changes = then
    return {"isOpen": False if paused else opens, "nextChange": iso(changes)}


def pause(location: Any, _: Any, world: World) -> str | None:
    ends = location.paused_until
    return None if ends is None or ends <= world.instant else iso(ends)


def weekly(made: Mapping[str, Any], _: Any, __: World) -> list[dict[str, Any]]:
    entries = sorted(made["row"].weekly, key=lambda entry: (entry[0], entry[1], entry[2]))
    return [{"day": day, "start": start, "end": end} for day, start, end in entries]


def exceptions(made: Mapping[str, Any], _: Any, __: World) -> list[dict[str, Any]]:
    entries = sorted(made["row"].exceptions, key=lambda entry: (entry[0], entry[1] or "", entry[2] or ""))
    return [{"on": on, "start": start, "end": end} for on, start, end in entries]
