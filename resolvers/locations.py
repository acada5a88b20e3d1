"""Locations and what they serve when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    F,
    Func,
    Max,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Least

from catalog.models import Location, Menu
from loaders.fetches import declared_fetch
from loaders.listings import declared_listing
from loaders.params import Param
from resolvers.schedules import in_force

DAY = Value(timedelta(days=1), DurationField())


@declared_fetch(Location, key="slug", many=False)
def location_by_slug() -> QuerySet[Location]:
    """A location by its slug."""
    return Location.objects.order_by("id")


@declared_listing(Location, order=("name",))
def locations_by_name() -> QuerySet[Location]:
    """Every location, by name."""
    return Location.objects.all()


def at_zone(zone: str, time: Any) -> Func:
    """An instant as local time in the zone that the column ``zone`` names, or local time there as an instant."""
    return Func(F(zone), time, function="timezone", output_field=DateTimeField())


def next_midnights(instant: Param) -> QuerySet[Location, Any]:
    """When the day changes, for each time zone that a location has.

    The end of the local day as its time zone has it, or as the offset of this moment has it if that is earlier: where
    clocks go back at midnight, the same local midnight comes twice.
    """
    zones = Location.objects.order_by().values("timezone").annotate(zone=Max("timezone"))
    now = at_zone("zone", instant)
    day_ends = Func(Value("day"), now, function="date_trunc", output_field=DateTimeField()) + DAY
    return zones.values_list(Least(at_zone("zone", day_ends), instant + (day_ends - now)))


@declared_fetch(
    Menu,
    key="location_id",
    params={"from_": DateField(), "to": DateField(), "channel": TextField(), "served_at": DateTimeField()},
    reads_instant=True,
    changes=next_midnights,
)
def menus_by_location_id(
    from_: Param | None, to: Param | None, channel: Param | None, served_at: Param | None, instant: Param
) -> QuerySet[Menu]:
    """A location's menus by service date, undated ones last; from its own today on unless told otherwise.

    With ``served_at`` those without hours, and those whose hours hold at that instant.
    """
    today = Cast(at_zone("location__timezone", instant), DateField())
    menus = Menu.objects.filter(Q(service_date__gte=from_ or today) | Q(service_date__isnull=True))
    if to is not None:
        menus = menus.filter(Q(service_date__lte=to) | Q(service_date__isnull=True))
    if channel is not None:
        menus = menus.filter(channel=channel)
    if served_at is not None:
        menus = menus.filter(in_force(served_at))
    return menus.order_by("service_date", "id")
