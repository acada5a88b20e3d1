"""Locations and what they serve when."""

from __future__ import annotations

from django.db.models import DateField, DateTimeField, F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast

from catalog.models import Location, Menu
from loaders.fetches import declared_fetch
from loaders.listings import declared_listing
from loaders.params import Param


@declared_fetch(Location, key="slug", many=False)
def location_by_slug() -> QuerySet[Location]:
    """A location by its slug."""
    return Location.objects.order_by("id")


@declared_listing(Location, order=("name",))
def locations_by_name() -> QuerySet[Location]:
    """Every location, by name."""
    return Location.objects.all()


@declared_fetch(
    Menu,
    key="location_id",
    params={"from_": DateField(), "to": DateField(), "channel": TextField()},
    reads_instant=True,
)
def menus_by_location_id(
    from_: Param | None, to: Param | None, channel: Param | None, instant: Param
) -> QuerySet[Menu]:
    """A location's menus by service date, undated ones last; from its own today on unless told otherwise."""
    today = Cast(Func(F("location__timezone"), instant, function="timezone", output_field=DateTimeField()), DateField())
    menus = Menu.objects.filter(Q(service_date__gte=from_ or today) | Q(service_date__isnull=True))
    if to is not None:
        menus = menus.filter(Q(service_date__lte=to) | Q(service_date__isnull=True))
    if channel is not None:
        menus = menus.filter(channel=channel)
    return menus.order_by("service_date", "id")
