"""Locations, menus, sections, items and their placements."""

from __future__ import annotations

from typing import Any

from catalog import models
from catalog.targets.values import choice, choices, instant, language, pictures, timezone, whole
from sync import records


def location_row(record: records.LocationRecord) -> dict[str, Any]:
    return {
        "slug": record.slug,
        "name": record.name,
        "address": record.address,
        "latitude": None if record.latitude is None else str(round(record.latitude, 6)),
        "longitude": None if record.longitude is None else str(round(record.longitude, 6)),
        "timezone": timezone(record.timezone),
        "currency": record.currency,
        "accepting": record.accepting,
        "paused_until": instant(record.paused_until),
        "schedule": record.schedule,
    }


def menu_row(record: records.MenuRecord) -> dict[str, Any]:
    return {
        "location": record.location,
        "channel": choice("channel", record.channel, models.Channel),
        "name": record.name,
        "service_date": record.service_date.isoformat() if record.service_date else None,
        "schedule": record.schedule,
    }


def section_row(record: records.SectionRecord) -> dict[str, Any]:
    return {
        "menu": record.menu,
        "parent": record.parent,
        "name": record.name,
        "position": whole("position", record.position),
        "schedule": record.schedule,
    }


def item_row(record: records.ItemRecord) -> dict[str, Any]:
    return {
        "location": record.location,
        "name": record.name,
        "language": language(record.language),
        "description": record.description,
        "translations": record.translations,
        "media": pictures(record.media),
        "allergens": choices("allergens", record.allergens, models.Allergen),
        "diets": choices("diets", record.diets, models.Diet),
        "labels": list(record.labels),
    }


def placement_row(record: records.PlacementRecord) -> dict[str, Any]:
    return {"section": record.section, "item": record.item, "position": whole("position", record.position)}
