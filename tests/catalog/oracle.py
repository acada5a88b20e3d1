"""What a schedule means, by the clock on the wall: the definition, minute by minute, with Python's own time zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

Hours = tuple[time, time]


@dataclass(frozen=True)
class Timetable:
    """Hours by weekday (1 = Monday), and by date instead."""

    zone: str
    weekly: tuple[tuple[int, time, time], ...] = ()
    dated: tuple[tuple[date, tuple[Hours, ...]], ...] = ()
    first_day: date | None = None
    last_day: date | None = None

    def hours(self, on: date) -> list[Hours]:
        """The hours that start on a date."""
        if (self.first_day and on < self.first_day) or (self.last_day and on > self.last_day):
            return []
        if on in dict(self.dated):
            return list(dict(self.dated)[on])
        return [(start, end) for day, start, end in self.weekly if day == on.isoweekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether the wall shows a time within the hours of its date, or within those of the night before."""
        wall = at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if self.last_day and wall.date() > self.last_day:
            return False
        spans = (
            (datetime.combine(on, start), datetime.combine(on + (DAY if end <= start else timedelta()), end))
            for on in (wall.date() - DAY, wall.date())
            for start, end in self.hours(on)
        )
        return any(start <= wall < end for start, end in spans)

    def next_change(self, at: datetime, within: timedelta) -> datetime | None:
        """The first minute at which it is otherwise than at ``at``; None: not within that time."""
        said = self.is_open(at)
        return next((later for later in minutes(at, at + within) if self.is_open(later) is not said), None)

    def arguments(self) -> tuple[list[list[object]], list[list[object]], str, date | None, date | None]:
        """Itself as the store's functions take it, the instant apart."""
        weekly: list[list[object]] = [[day, start.isoformat(), end.isoformat()] for day, start, end in self.weekly]
        dated: list[list[object]] = []
        for on, hours in self.dated:
            dated += [[on.isoformat(), start.isoformat(), end.isoformat()] for start, end in hours]
            dated += [] if hours else [[on.isoformat(), None, None]]
        return weekly, dated, self.zone, self.first_day, self.last_day


def minutes(after: datetime, until: datetime) -> Iterator[datetime]:
    """Every full minute after one instant up to another."""
    at = after.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    while at <= until:
        yield at
        at += MINUTE
