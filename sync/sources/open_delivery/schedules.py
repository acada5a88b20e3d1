"""Schedules: of services, of availabilities and of what several availabilities say together, and the merchant's hours.

A ``ScheduleRecord`` has one range of dates and one set of weekly hours. Several availabilities are told as one by the
hours of those that hold without end, and dated exceptions for the days of those that begin and end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync.records import DatedHours, ScheduleRecord, WeeklyHours
from sync.sources.open_delivery.entities import Entities
from sync.sources.open_delivery.hours import TIMEZONE, merged, merged_periods, read_date, read_holidays, read_weekly
from sync.sources.open_delivery.shapes import Availability, Service, Unreadable

NEVER = "never"
OPENING = "opening"
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Served:
    """When something is served: weekly hours from ``first`` to ``last`` (None: without end on that side)."""

    weekly: tuple[WeeklyHours, ...]
    first: date | None = None
    last: date | None = None

    def days(self) -> Iterator[date]:
        """Its days. Raises ``Unreadable`` when it has no bounds, or too many days to name."""
        if self.first is None or self.last is None or (self.last - self.first).days >= MOST_DAYS:
            rule = f"availabilities of one entity must have the same dates, or begin and end within {MOST_DAYS} days"
            raise Unreadable(rule, f"{self.first or 'always'} to {self.last or 'always'}")
        for day in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=day)

    def on(self, day: date) -> list[Any]:
        """The intervals that begin on ``day``."""
        if (self.first and day < self.first) or (self.last and day > self.last):
            return []
        return [(hours.start, hours.end) for hours in self.weekly if hours.day == day.isoweekday()]


def never() -> ScheduleRecord:
    """The schedule of what is UNAVAILABLE until further notice."""
    return ScheduleRecord(timezone=TIMEZONE)


def service_key(service: str) -> str:
    """Key of a service's hours."""
    return f"service/{service}"


def availability_key(names: Iterable[str]) -> str:
    """Key of what availabilities say together, in whatever order they are named."""
    return f"availability/{'+'.join(sorted(set(names)))}"


def service_schedule(service: Service) -> ScheduleRecord:
    """The hours of a service. Raises ``Unreadable``."""
    hours = service.service_hours
    if not isinstance(hours, dict):
        raise Unreadable("serviceHours must be an object", repr(hours))
    return ScheduleRecord(
        timezone=TIMEZONE,
        weekly=read_weekly("weekHours", hours.get("weekHours")),
        exceptions=read_holidays(hours.get("holidayHours")),
    )


def opening_schedule(services: Sequence[ScheduleRecord]) -> ScheduleRecord:
    """When at least one of the services takes orders, holidays included."""
    dates = sorted({exception.on for service in services for exception in service.exceptions})
    exceptions = [
        DatedHours(on=on, hours=merged_periods(period for service in services for period in open_on(service, on)))
        for on in dates
    ]
    weekly = merged(hours for service in services for hours in service.weekly)
    return ScheduleRecord(timezone=TIMEZONE, weekly=weekly, exceptions=tuple(exceptions))


def open_on(service: ScheduleRecord, on: date) -> list[Any]:
    for exception in service.exceptions:
        if exception.on == on:
            return list(exception.hours)
    return Served(service.weekly).on(on)


def served(availability: Availability) -> Served:
    """When an availability holds. Raises ``Unreadable``."""
    first = read_date("startDate", availability.start_date)
    last = read_date("endDate", availability.end_date)
    if first and last and last < first:
        raise Unreadable("endDate must not be before startDate", f"{first} to {last}")
    return Served(read_weekly("hours", availability.hours), first, last)


def joint_schedule(names: Iterable[str], availabilities: Entities[Availability]) -> ScheduleRecord:
    """What availabilities say together: served when at least one of them is. Raises ``Unreadable``."""
    every = [served(availabilities.linked("availabilityId", name)) for name in sorted(set(names))]
    alike = {(one.first, one.last) for one in every}
    if len(alike) == 1:
        return schedule(every, [])
    lasting = [one for one in every if one.first is None and one.last is None]
    return schedule(lasting, [one for one in every if one not in lasting])


def schedule(lasting: Sequence[Served], bounded: Sequence[Served]) -> ScheduleRecord:
    """The weekly hours of ``lasting``, which have the same dates, and each day of ``bounded`` by its date."""
    dates = sorted({day for one in bounded for day in one.days()})
    exceptions = [
        DatedHours(on=day, hours=merged_periods(period for one in (*lasting, *bounded) for period in one.on(day)))
        for day in dates
    ]
    return ScheduleRecord(
        timezone=TIMEZONE,
        weekly=merged(hours for one in lasting for hours in one.weekly),
        exceptions=tuple(exceptions),
        first_day=lasting[0].first if lasting else None,
        last_day=lasting[0].last if lasting else None,
    )
