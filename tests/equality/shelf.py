"""Rows of every kind for the shipped application: dated, nested, shared, translated, withdrawn, unconfirmed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
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
NIGHTS = [[day, "20:00", "02:00"] for day in range(1, 8)]
HOURS: tuple[dict[str, Any], ...] = (
    {"weekly": [[3, "11:00", "14:30"], [3, "14:30", "15:00"], [2, "23:00", "23:45"]]},
    {"weekly": NIGHTS, "exceptions": [["2026-03-11", None, None], ["2026-03-12", "09:15", "10:00"]]},
    {"timezone": "Pacific/Auckland", "weekly": [[3, "00:00", "00:00"]], "last_day": (INSTANT + HOUR * 5).date()},
    {"timezone": "America/Los_Angeles", "weekly": NIGHTS, "first_day": INSTANT.date()},
    {"exceptions": [["2026-03-10", "23:30", "23:31"]]},
    {"weekly": [[day, "00:00", "00:00"] for day in range(1, 8)]},
)
"""Hours that open and close around the instant, those that never do, and those of a date in another zone."""

COSTS = ("amount", "original_amount", "per_unit_amount", "per_unit", "currency")
METHODS = ("SUM", "MAX", "AVG", "REPLACE")
LIMITS: tuple[dict[str, Any], ...] = ({}, {"least": 2}, {"most": 3, "most_overridden": True}, {"most_overridden": True})
AGES = (timedelta(seconds=5), timedelta(minutes=7), timedelta(days=30), None, -HOUR)
"""Fresh, stale for some, expired, never, confirmed after the instant."""


class Shelf:
    """Fills the store; every choice is the next one of a cycle, so every run has the same rows."""

    def __init__(self) -> None:
        self.pantry = Pantry("shelf", confirmed_at=INSTANT - timedelta(seconds=30))
        self.texts, self.units, self.times, self.stock = cycle(TEXTS), cycle(UNITS), cycle(TIMES), cycle(STOCK)
        self.limits, self.count = cycle(LIMITS), 0
        self.hours: Iterator[models.Schedule | None] = cycle([None])
        self.groups: list[models.OptionGroup] = []

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
        self.hours = cycle([None, *[self.schedule(hours) for hours in HOURS]])
        for place in PLACES:
            location = models.Location.objects.create(
                **self.row("location", "menu", place["slug"]),
                schedule=next(self.hours),
                item_count=self.count,
                sold_out_count=self.count // 2,
                lowest_price=Decimal(self.count) / 8 if self.count % 2 else None,
                **{"timezone": "Europe/Berlin", "currency": "EUR", **place},
            )
            if location.slug != "empty":
                self.menus(location)
        self.item(None)
        self.options()
        self.changes()
        self.ages()

    def schedule(self, hours: dict[str, Any]) -> models.Schedule:
        return models.Schedule.objects.create(
            **self.row("schedule", "menu", ""),
            **{"timezone": "Europe/Berlin", "weekly": [], "exceptions": [], **hours},
        )

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
                schedule=next(self.hours),
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
                schedule=next(self.hours) if number % 2 else None,
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
        self.offers(item, location, scope)
        self.availabilities(item, location, scope)
        return item

    def offers(self, item: models.Item, location: models.Location | None, scope: str) -> None:
        """For audiences and channels; some once more for their location or another, or for hours only."""
        elsewhere = models.Location.every.order_by("id").first()
        ranks = list(product((None, "STUDENTS", "STAFF", "GUESTS"), (None, "PICKUP", "DINE_IN")))
        for number, (audience, channel) in enumerate(ranks[self.count % 3 :: 3]):
            where = (None, location, elsewhere)[number % 3]
            for place, hours in dict.fromkeys([(None, None), (where, None), (None, next(self.hours))]):
                self.offer(item, scope, audience=audience, channel=channel, location=place, schedule=hours)

    def offer(self, item: models.Item, scope: str, **columns: Any) -> None:
        models.Offer.objects.create(
            **self.row("offer", "price", scope),
            item=item,
            **columns,
            **{"currency": "EUR", **next(self.units), **next(self.times)},
        )

    def options(self) -> None:
        """Groups that several items offer; options offer groups themselves, down to where it goes round."""
        items = list(models.Item.objects.order_by("id"))
        for number, method in enumerate(METHODS * 2):
            group = models.OptionGroup.objects.create(
                **self.row("option_group", "menu", ""),
                name=f"Beilage {number}",
                price_method=method,
                least=number % 3,
                most=None if number % 2 else number + 1,
                **{
                    "language": "de",
                    **{k: v for k, v in next(self.texts).items() if k in ("language", "translations")},
                },
            )
            self.groups.append(group)
            for place, item in enumerate(items[number::9][:4]):
                models.GroupOption.objects.create(
                    **self.row("group_option", "menu", ""),
                    group=group,
                    item=item,
                    position=place // 2,
                    preselected=place == 1,
                )
                if place % 2:
                    self.offer(item, "", group=group, audience=(None, "GUESTS")[number % 2], schedule=next(self.hours))
        for number, item in enumerate(items):
            for place, group in enumerate(self.groups[number % 5 :: 4]):
                models.ItemGroup.objects.create(
                    **self.row("item_group", "menu", ""),
                    item=item,
                    group=group,
                    position=place // 2,
                    **next(self.limits),
                )

    def changes(self) -> None:
        """What some offers have cost, two of them at once, one since withdrawn."""
        for number, offer in enumerate(models.Offer.every.order_by("id")[::2]):
            for run in range(number % 4):
                models.PriceChange.objects.create(
                    offer=offer,
                    run_id=run,
                    recorded_at=INSTANT - HOUR * (5 - run - number % 2),
                    deleted=run == 2,
                    **{
                        "currency": "EUR",
                        **only(next(self.units), "amount", "per_unit_amount", "per_unit", "currency"),
                    },
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


def only(columns: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name in names}
