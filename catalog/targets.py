"""How neutral supplier records become rows of this application."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import DateField, DateTimeField, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from catalog import models
from sync import records
from sync.targets import History, Population, Refused, Target, TargetSet

MENU, PRICE, AVAILABILITY = "menu", "price", "availability"
MAX_AMOUNT = Decimal(10) ** 11


def money(rule: str, amount: Decimal | None) -> str | None:
    """An exact decimal as JSON text; refuses what the store cannot hold."""
    if amount is None:
        return None
    if not amount.is_finite():
        raise Refused(f"{rule} must be a finite number", str(amount))
    if amount < 0:
        raise Refused(f"{rule} must not be negative", str(amount))
    if amount >= MAX_AMOUNT:
        raise Refused(f"{rule} must be below {MAX_AMOUNT}", str(amount))
    if amount != round(amount, 4):
        raise Refused(f"{rule} must have at most 4 decimals", str(amount))
    return format(amount, "f")


def choice(rule: str, value: str | None, choices: Any) -> str | None:
    """``value`` if it is None or one of ``choices``."""
    if value is not None and value not in choices.values:
        raise Refused(f"{rule} must be one of {', '.join(choices.values)}", value)
    return value


def choices(rule: str, values: tuple[str, ...] | None, allowed: Any) -> list[str] | None:
    """``values`` without repetition, in order, if each is one of ``allowed``."""
    if values is None:
        return None
    for value in values:
        choice(rule, value, allowed)
    return list(dict.fromkeys(values))


def instant(value: datetime | None) -> str | None:
    """An aware instant as JSON text."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise Refused("a time must carry its UTC offset", value.isoformat())
    return value.isoformat()


def location_row(record: records.LocationRecord) -> dict[str, Any]:
    try:
        ZoneInfo(record.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("timezone must be an IANA name", record.timezone) from error
    return {
        "slug": record.slug,
        "name": record.name,
        "address": record.address,
        "latitude": None if record.latitude is None else str(round(record.latitude, 6)),
        "longitude": None if record.longitude is None else str(round(record.longitude, 6)),
        "timezone": record.timezone,
        "currency": record.currency,
        "accepting": record.accepting,
    }


def menu_row(record: records.MenuRecord) -> dict[str, Any]:
    return {
        "location": record.location,
        "channel": choice("channel", record.channel, models.Channel),
        "name": record.name,
        "service_date": record.service_date.isoformat() if record.service_date else None,
    }


def section_row(record: records.SectionRecord) -> dict[str, Any]:
    return {"menu": record.menu, "parent": record.parent, "name": record.name, "position": record.position}


def item_row(record: records.ItemRecord) -> dict[str, Any]:
    return {
        "location": record.location,
        "name": record.name,
        "language": record.language,
        "description": record.description,
        "translations": record.translations,
        "media": [],
        "allergens": choices("allergens", record.allergens, models.Allergen),
        "diets": choices("diets", record.diets, models.Diet),
        "labels": list(record.labels),
    }


def placement_row(record: records.PlacementRecord) -> dict[str, Any]:
    return {"section": record.section, "item": record.item, "position": record.position}


def offer_row(record: records.OfferRecord) -> dict[str, Any]:
    return {
        "item": record.item,
        "location": record.location,
        "channel": choice("channel", record.channel, models.Channel),
        "audience": choice("audience", record.audience, models.Audience),
        "amount": money("amount", record.amount),
        "original_amount": money("original amount", record.original_amount),
        "currency": record.currency,
        "tax_mode": choice("tax mode", record.tax_mode, models.TaxMode),
        "per_unit_amount": money("per-unit amount", record.per_unit_amount),
        "per_unit": record.per_unit,
        "valid_from": instant(record.valid_from),
        "valid_until": instant(record.valid_until),
    }


def availability_row(record: records.AvailabilityRecord) -> dict[str, Any]:
    return {
        "channel": choice("channel", record.channel, models.Channel),
        "state": choice("state", record.state, models.AvailabilityState),
        "until": instant(record.until),
        "quantity": money("quantity", record.quantity),
        "reason": record.reason,
    }


def dishes_from_today(source: str, scope: str, as_of: datetime) -> QuerySet[models.Placement, Any]:
    """The items of location ``scope`` that stand in a menu of today (the location's own today) or later."""
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


TARGETS = TargetSet(
    source_model=models.Source,
    targets=(
        Target("location", models.Location, MENU, location_row),
        Target("menu", models.Menu, MENU, menu_row, {"location": "location"}),
        Target("section", models.Section, MENU, section_row, {"menu": "menu", "parent": "section"}),
        Target("item", models.Item, MENU, item_row, {"location": "location"}),
        Target("placement", models.Placement, MENU, placement_row, {"section": "section", "item": "item"}),
        Target(
            "offer",
            models.Offer,
            PRICE,
            offer_row,
            {"item": "item", "location": "location"},
            history=History(
                models.PriceChange,
                "offer",
                ("amount", "original_amount", "per_unit_amount", "per_unit", "currency"),
            ),
        ),
        Target(
            "availability",
            models.Availability,
            AVAILABILITY,
            availability_row,
            {"item": "item", "location": "location"},
            population=Population(
                rows=dishes_from_today,
                columns=("item", "location"),
                default={"channel": None, "state": "AVAILABLE", "until": None, "quantity": None, "reason": None},
            ),
        ),
    ),
)
