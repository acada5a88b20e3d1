"""Availability, and what of a location must have one where a supplier names the exceptions only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateField, DateTimeField, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat

from catalog import models
from catalog.targets.values import choice, instant, money
from sync import records
from sync.targets import Rows

DEFAULT = {"channel": None, "state": "AVAILABLE", "until": None, "quantity": None, "reason": None}


def availability_row(record: records.AvailabilityRecord) -> dict[str, Any]:
    return {
        "item": record.item,
        "location": record.location,
        "channel": choice("channel", record.channel, models.Channel),
        "state": choice("state", record.state, models.AvailabilityState),
        "until": instant(record.until),
        "quantity": money("quantity", record.quantity),
        "reason": record.reason,
    }


def sold_at_location(source: str, scope: str, as_of: datetime) -> tuple[Rows, ...]:
    """What location ``scope`` sells from its own today on.

    A dish of a dated menu is matched by ``scope/date/name``; what stands in undated menus, and every option, by the
    external id of its item.
    """
    return dishes_from_today(source, scope, as_of), undated(source, scope), options(source, scope)


def dishes_from_today(source: str, scope: str, as_of: datetime) -> QuerySet[Any, Any]:
    """The items of the location that stand in a menu of today (the location's own today) or later."""
    local_time = Func(
        F("item__location__timezone"), Value(as_of, DateTimeField()), function="timezone", output_field=DateTimeField()
    )
    return (
        models.Placement.objects.filter(
            item__location__source_id=source,
            item__location__external_id=scope,
            item__deleted_at__isnull=True,
            section__menu__deleted_at__isnull=True,
            section__menu__service_date__gte=Cast(local_time, DateField()),
        )
        .order_by("item_id", "-section__menu__service_date")
        .distinct("item_id")
        .values(
            key=F("item__external_id"),
            match=Concat(
                Value(f"{scope}/", TextField()),
                Cast("section__menu__service_date", TextField()),
                Value("/", TextField()),
                F("item__name"),
            ),
            item_key=F("item__external_id"),
            location_key=F("item__location__external_id"),
        )
    )


def undated(source: str, scope: str) -> Rows:
    """The items that stand in a menu of the location without a date, those that several locations share too."""
    placements = models.Placement.objects.filter(
        section__menu__location__source_id=source,
        section__menu__location__external_id=scope,
        section__menu__service_date__isnull=True,
        section__menu__deleted_at__isnull=True,
        section__deleted_at__isnull=True,
        item__deleted_at__isnull=True,
    )
    return by_item(placements, scope)


def options(source: str, scope: str) -> Rows:
    """The options of the location's items, those that several locations share too."""
    at_location = Q(item__location__isnull=True) | Q(item__location__external_id=scope)
    found = models.GroupOption.objects.filter(
        at_location, source_id=source, item__deleted_at__isnull=True, group__deleted_at__isnull=True
    )
    return by_item(found, scope)


def by_item(rows: QuerySet[Any], scope: str) -> Rows:
    """Their items, once each: an item that locations share has a row for each of them."""
    shared = Concat(Value(f"{scope}/", TextField()), F("item__external_id"), output_field=TextField())
    found: Rows = (
        rows.order_by("item_id")
        .distinct("item_id")
        .values(
            key=Case(When(item__location__isnull=True, then=shared), default=F("item__external_id")),
            match=F("item__external_id"),
            item_key=F("item__external_id"),
            location_key=Value(scope, CharField()),
        )
    )
    return found
