"""Fills the store with rows as a publish would leave them, for tests of the read path."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async

from catalog import models
from sync.models import Confirmation

CONCERNS = {"menu": (1800, 604_800), "price": (300, 86_400), "availability": (60, 600)}


@dataclass
class Pantry:
    """One source's rows. ``confirmed_at`` is when everything it makes was last confirmed."""

    name: str = "pantry"
    confirmed_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(seconds=5))

    def __post_init__(self) -> None:
        self.source = models.Source.objects.create(name=self.name, kind="test")

    def confirmation(self, concern: str, scope: str) -> Confirmation:
        fresh, stale = CONCERNS[concern]
        found, _ = Confirmation.objects.get_or_create(
            source=self.name,
            concern=concern,
            scope=scope,
            defaults={
                "confirmed_at": self.confirmed_at,
                "fresh_for_seconds": fresh,
                "stale_for_seconds": stale,
            },
        )
        return found

    def row(self, kind: str, key: str, concern: str, scope: str) -> dict[str, Any]:
        return {
            "source": self.source,
            "external_id": key,
            "node_id": uuid.uuid5(uuid.NAMESPACE_URL, f"{self.name}/{kind}/{key}"),
            "content_hash": uuid.uuid4(),
            "confirmation": self.confirmation(concern, scope),
        }

    def location(self, slug: str, **columns: Any) -> models.Location:
        defaults = {"name": slug.title(), "timezone": "Europe/Berlin", "currency": "EUR"}
        return models.Location.objects.create(
            **self.row("location", slug, "menu", slug), slug=slug, **{**defaults, **columns}
        )

    def menu(self, location: models.Location, day: date | None = None) -> models.Menu:
        key = f"{location.slug}/{day}"
        return models.Menu.objects.create(
            **self.row("menu", key, "menu", location.slug),
            location=location,
            channel="DINE_IN",
            name=str(day),
            service_date=day,
        )

    def section(self, menu: models.Menu, name: str, position: int = 0) -> models.Section:
        key = f"{menu.external_id}/{name}"
        return models.Section.objects.create(
            **self.row("section", key, "menu", menu.location.slug), menu=menu, name=name, position=position
        )

    def item(self, location: models.Location, name: str, **columns: Any) -> models.Item:
        key = f"{location.slug}/{name}"
        return models.Item.objects.create(
            **self.row("item", key, "menu", location.slug),
            location=location,
            name=name,
            **{"language": "de", **columns},
        )

    def place(self, item: models.Item, section: models.Section, position: int = 0) -> models.Placement:
        key = f"{section.external_id}/{item.external_id}"
        return models.Placement.objects.create(
            **self.row("placement", key, "menu", section.menu.location.slug),
            section=section,
            item=item,
            position=position,
        )

    def offer(self, item: models.Item, amount: str | None, audience: str | None = None, **columns: Any) -> models.Offer:
        location = item.location
        assert location is not None
        return models.Offer.objects.create(
            **self.row("offer", f"{item.external_id}/{audience}", "price", location.slug),
            item=item,
            audience=audience,
            amount=None if amount is None else Decimal(amount),
            currency="EUR",
            **columns,
        )

    def availability(self, item: models.Item, state: str, **columns: Any) -> models.Availability:
        location = item.location
        assert location is not None
        return models.Availability.objects.create(
            **self.row("availability", f"{item.external_id}/{columns.get('channel')}", "availability", location.slug),
            item=item,
            location=location,
            state=state,
            **columns,
        )


def storefront(pantry: Pantry, slug: str, *, items: int = 2, day: date | None = None) -> models.Location:
    """A location with one menu of two sections, ``items`` items in each, priced for two audiences, in stock."""
    location = pantry.location(slug)
    menu = pantry.menu(location, day)
    for position, name in enumerate(("Mains", "Desserts")):
        section = pantry.section(menu, name, position)
        for number in range(items):
            item = pantry.item(location, f"{name} {number}", allergens=["GLUTEN"], diets=[], labels=["A1"])
            pantry.place(item, section, number)
            pantry.offer(item, "2.50", "STUDENTS")
            pantry.offer(item, None, "GUESTS", per_unit_amount=Decimal("0.90"), per_unit="100g")
            pantry.availability(item, "AVAILABLE")
    return location


async def stocked(fill: Callable[[Pantry], object]) -> Pantry:
    """A new pantry, filled."""

    def work() -> Pantry:
        pantry = Pantry()
        fill(pantry)
        return pantry

    return await sync_to_async(work)()
