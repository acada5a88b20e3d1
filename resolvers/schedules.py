"""What schedules say: PostgreSQL's functions are the only reading of hours, in rows and in filters alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    F,
    Field,
    Func,
    JSONField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Greatest

from catalog.models import Location, Offer, Schedule
from loaders.fetches import declared_fetch
from loaders.params import Param

HOURS = ("weekly", "exceptions", "timezone", "first_day", "last_day")
YES, NO = (Func(template=word, output_field=BooleanField()) for word in ("true", "false"))
INSTANT_KIND = DateTimeField()

SAID = ["is_open", "next_change", "fixed"]
"""The columns of an answer. ``fixed``: it was asked for an instant of its own, so the clock does not change it."""


def reads(function: str, at: Any, output_field: Field[Any, Any], prefix: str) -> Func:
    return Func(*(F(f"{prefix}{column}") for column in HOURS), at, function=function, output_field=output_field)


def is_open(at: Any, prefix: str = "") -> Func:
    """Whether it is open, served or valid at an instant. ``prefix``: path to the schedule."""
    return reads("larder_schedule_open", at, BooleanField(), prefix)


def next_change(at: Any, prefix: str = "") -> Func:
    """When it is otherwise than at that instant; null: never."""
    return reads("larder_schedule_next", at, INSTANT_KIND, prefix)


def in_force(at: Any, prefix: str = "") -> Q:
    """Rows without a schedule, and those whose schedule is open at an instant. ``prefix``: path to the row."""
    hours = Schedule.every.filter(Q(is_open(at)), pk=OuterRef(f"{prefix}schedule_id"))
    return Q(**{f"{prefix}schedule__isnull": True}) | Q(Exists(hours))


def offers_begin_or_end(instant: Param) -> QuerySet[Schedule, Any]:
    """When any schedule of an offer opens or closes; schedules that say the same are asked once."""
    used = Schedule.every.filter(Exists(Offer.objects.filter(schedule=OuterRef("pk"))))
    once = used.order_by("content_hash", "id").distinct("content_hash")
    first = Min(next_change(instant))
    # An aggregate: else PostgreSQL would ask each schedule twice, also for the condition on what comes of it.
    return (
        Schedule.every.filter(pk__in=once.values("pk"))
        .order_by()
        .values("source")
        .annotate(first=first)
        .values_list("first")
    )


def told_by_rows(_: Param) -> tuple[()]:
    """No rows come or go; those that are there tell themselves when they change (``said_until``)."""
    return ()


@declared_fetch(
    Schedule,
    key="id",
    parent="schedule_id",
    many=False,
    params={"at": DateTimeField()},
    reads_instant=True,
    changes=told_by_rows,
)
def schedule_by_id(at: Param | None, instant: Param) -> QuerySet[Schedule]:
    """The schedule, and what it says at an instant. One that the supplier has no more holds while something has it."""
    asked = at or instant
    return Schedule.every.annotate(
        is_open=is_open(asked), next_change=next_change(asked), fixed=NO if at is None else YES
    ).order_by("id")


@declared_fetch(
    Location, key="id", many=False, params={"at": DateTimeField()}, reads_instant=True, changes=told_by_rows
)
def opening_by_location_id(at: Param | None, instant: Param) -> QuerySet[Location]:
    """Whether a location is open at an instant: by its hours, once its pause is over; null where no hours are told."""
    asked = at or instant
    from_then, paused = Greatest("paused_until", asked), Q(paused_until__gt=asked)
    opens = Case(When(schedule__isnull=False, then=is_open(from_then, "schedule__")), output_field=BooleanField())
    changes = Case(When(schedule__isnull=False, then=next_change(from_then, "schedule__")), output_field=INSTANT_KIND)
    ends_pause = paused & (Q(schedule__isnull=True) | Q(is_open(from_then, "schedule__")))
    return Location.objects.annotate(
        is_open=Case(When(paused, then=NO), default=opens),
        next_change=Case(When(ends_pause, then=F("paused_until")), default=changes),
        fixed=NO if at is None else YES,
    ).order_by("id")


def entries(column: str) -> QuerySet[Schedule]:
    """A schedule once for each entry of its ``column``, in order."""
    entry = Func(F(column), function="jsonb_array_elements", output_field=JSONField())
    return Schedule.every.annotate(entry=entry).order_by("id", "entry")


@declared_fetch(Schedule, key="id")
def weekly_hours_by_schedule_id() -> QuerySet[Schedule]:
    """The weekly hours of a schedule, Monday's first."""
    return entries("weekly")


@declared_fetch(Schedule, key="id")
def dated_hours_by_schedule_id() -> QuerySet[Schedule]:
    """The hours of single dates, the earliest first."""
    return entries("exceptions")


def said_open(opened: bool | None, changes: datetime | None, fixed: bool, *, instant: datetime) -> bool | None:  # noqa: ARG001, FBT001 - columns
    """Whether it is open."""
    return opened


def said_next(opened: bool | None, changes: datetime | None, fixed: bool, *, instant: datetime) -> datetime | None:  # noqa: ARG001, FBT001 - columns
    """When that changes."""
    return changes


def said_until(opened: bool | None, changes: datetime | None, fixed: bool, *, instant: datetime) -> datetime | None:  # noqa: ARG001, FBT001 - columns
    """When the clock alone makes the answer another one."""
    return None if fixed else changes
