"""Rows of every kind for the shipped application: dated, nested, shared, translated, withdrawn, unconfirmed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, product
from typing import Any

from catalog import models
from sync.models import Confirmation
from tests.pantry import Pantry

INSTANT = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)
"""Already the 11th in Auckland."""

HOUR = timedelta(hours=1)
PLACES: tuple[dict[str, Any], ...] = (
    {"slug": "corner", "name": "Zur Ecke", "address": "Straße 1, Ort", "latitude": "48.150000", "longitude": "11.5"},
    {"slug": "harbour", "name": "Harbour", "timezone": "Pacific/Auckland", "currency": "NZD", "accepting": False},
    {"slug": "twin-a", "name": "Twin", "timezone": "America/Los_Angeles", "currency": "USD"},
    {"slug": "twin-b", "name": "Twin", "paused_until": INSTANT + HOUR},
    {"slug": "empty", "name": "Ärmlich", "latitude": "-0.000001", "longitude": "-180.000000"},
    {"slug": "gone", "name": "Gone", "deleted_at": INSTANT - HOUR},
)
DISHES = ("Linsensuppe", "Tomatensuppe mit Reis", "Käsespätzle", "Pommes frites", "Lentil soup", "Chäschüechli")
TEXTS: tuple[dict[str, Any], ...] = (
    {"translations": {"en": {"name": "Soup", "description": "hot"}, "pt-BR": {"name": "Sopa"}}},
    {"description": "mit Brot und Suppe", "allergens": ["GLUTEN", "MILK"], "diets": []},
    {"language": "en", "allergens": [], "labels": ["A1", "b", "A1"], "translations": {"DE": {"name": "Deutsch"}}},
    {"diets": ["VEGAN", "VEGETARIAN"], "media": ["https://x/1.jpg", "https://x/ü.jpg"], "description": ""},
    {"language": "de-AT", "translations": {"de": {"name": "", "description": "leer"}, "en": {}}},
)
UNITS: tuple[dict[str, Any], ...] = (
    {"amount": Decimal("2.50"), "tax_mode": "INCLUDED"},
    {"per_unit_amount": Decimal("0.9"), "per_unit": "100g"},
    {"amount": Decimal(0), "original_amount": Decimal("12345678901.0001"), "tax_mode": "EXCLUDED"},
    {},
    {"amount": Decimal("1E+3"), "per_unit_amount": Decimal("0.0001"), "per_unit": "ml", "currency": "CHF"},
)
TIMES: tuple[dict[str, Any], ...] = (
    {},
    {"valid_from": INSTANT},
    {"valid_until": INSTANT},
    {"valid_from": INSTANT - HOUR, "valid_until": INSTANT + timedelta(microseconds=1)},
    {},
    {"valid_from": INSTANT + HOUR},
)
STOCK: tuple[dict[str, Any], ...] = (
    {"state": "AVAILABLE", "quantity": Decimal("3.000")},
    {"state": "SOLD_OUT", "until": INSTANT + HOUR, "reason": "zu spät"},
    {"state": "HIDDEN", "until": INSTANT},
    {"state": "AVAILABLE", "until": INSTANT - HOUR, "quantity": Decimal(0)},
    {"state": "SOLD_OUT"},
)
AGES = (timedelta(seconds=5), timedelta(minutes=7), timedelta(days=30), None, -HOUR)
"""Fresh, stale for some, expired, never, confirmed after the instant."""


class Shelf:
    """Fills the store; every choice is the next one of a cycle, so every run has the same rows."""

    def __init__(self) -> None:
        self.pantry = Pantry("shelf", confirmed_at=INSTANT - timedelta(seconds=30))
        self.texts, self.units, self.times, self.stock = cycle(TEXTS), cycle(UNITS), cycle(TIMES), cycle(STOCK)
        self.count = 0

    def row(self, kind: str, concern: str, scope: str) -> dict[str, Any]:
        """What every row carries; some rows were held back, some never confirmed."""
        self.count += 1
        made = self.pantry.row(kind, str(self.count), concern, scope)
        made["content_hash"] = uuid.UUID(int=self.count)
        if self.count % 11 == 0:
            made["held_confirmed_at"] = INSTANT - 2 * HOUR
        if self.count % 13 == 0:
            made["confirmation"] = None
        if self.count % 17 == 0 and kind != "location":
            made["deleted_at"] = INSTANT - HOUR
        return made

    def fill(self) -> None:
        """Everything."""
        for place in PLACES:
            location = models.Location.objects.create(
                **self.row("location", "menu", place["slug"]),
                **{"timezone": "Europe/Berlin", "currency": "EUR", **place},
            )
            if location.slug != "empty":
                self.menus(location)
        self.item(None)
        self.ages()

    def menus(self, location: models.Location) -> None:
        channels = cycle(("DINE_IN", "PICKUP", "DELIVERY"))
        for days in (-1, 0, 1, None):
            day = None if days is None else INSTANT.date() + timedelta(days=days)
            menu = models.Menu.objects.create(
                **self.row("menu", "menu", location.slug),
                location=location,
                channel=next(channels),
                name=f"{location.name} {day}",
                service_date=day,
            )
            self.sections(menu)

    def sections(self, menu: models.Menu) -> None:
        """Two at the top and two nested ones, three levels; equal positions; one item stands in several."""
        items = [self.item(menu.location) for _ in range(3)]
        parent: models.Section | None = None
        for number, position in enumerate((1, 0, 0, 0)):
            section = models.Section.objects.create(
                **self.row("section", "menu", menu.location.slug),
                menu=menu,
                parent=parent if number > 1 else None,
                name=f"Teil {number}",
                position=position,
            )
            parent = section
            for place, item in enumerate(items[number % 2 :]):
                models.Placement.objects.create(
                    **self.row("placement", "menu", menu.location.slug), section=section, item=item, position=place // 2
                )

    def item(self, location: models.Location | None) -> models.Item:
        scope = location.slug if location else ""
        item = models.Item.objects.create(
            **self.row("item", "menu", scope),
            location=location,
            name=DISHES[self.count % len(DISHES)],
            **{"language": "de", **next(self.texts)},
        )
        self.offers(item, scope)
        self.availabilities(item, location, scope)
        return item

    def offers(self, item: models.Item, scope: str) -> None:
        ranks = list(product((None, "STUDENTS", "STAFF", "GUESTS"), (None, "PICKUP", "DINE_IN")))
        for audience, channel in ranks[self.count % 3 :: 3]:
            models.Offer.objects.create(
                **self.row("offer", "price", scope),
                item=item,
                audience=audience,
                channel=channel,
                **{"currency": "EUR", **next(self.units), **next(self.times)},
            )

    def availabilities(self, item: models.Item, location: models.Location | None, scope: str) -> None:
        elsewhere = models.Location.every.order_by("id").first()
        for channel in (None, "PICKUP", "DELIVERY")[: self.count % 4]:
            for place in dict.fromkeys([location, elsewhere]):
                if place is not None:
                    models.Availability.objects.create(
                        **self.row("availability", "availability", scope),
                        item=item,
                        location=place,
                        channel=channel,
                        **next(self.stock),
                    )

    def ages(self) -> None:
        """Confirmations of every age."""
        for confirmation, age in zip(Confirmation.objects.order_by("id"), cycle(AGES), strict=False):
            confirmation.confirmed_at = None if age is None else INSTANT - age
            confirmation.as_of = None if confirmation.pk % 2 else INSTANT - 3 * HOUR
            confirmation.save()
