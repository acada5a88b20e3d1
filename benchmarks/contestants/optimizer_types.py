"""Types over the shipped models as strawberry-django's documentation has them.

Relations are its own, filtered by ``get_queryset``; hints (``only``, ``select_related``, ``prefetch_related``) sit on
the types and fields that need them, so that its optimizer finds everything in a fixed number of statements. Resolvers
that need no hint of their own are plain, the others are coroutines: a synchronous one would cost a thread hop an item.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
import strawberry_django
from django.db.models import DateField, DateTimeField, F, Func, Prefetch, Q, QuerySet
from django.db.models.functions import Cast, Now
from strawberry_django.optimizer import optimize

from catalog import models
from larder.ages import status as status_at
from larder.freshness import FreshnessStatus
from loaders.nodes import encode_id
from resolvers.availability import state as state_at
from resolvers.availability import until as until_at
from schema.enums import Allergen, Audience, AvailabilityState, Channel, Diet, TaxMode
from schema.scalars import CurrencyCode

CONFIRMATION = (
    "held_confirmed_at",
    "confirmation__confirmed_at",
    "confirmation__fresh_for_seconds",
    "confirmation__stale_for_seconds",
    "confirmation__source",
)


@strawberry.type
class Freshness:
    """How old a row is."""

    status: FreshnessStatus
    confirmed_at: datetime | None
    source: str | None


def confirmed(row: Any) -> tuple[Any, ...]:
    """What the age of a row is worked out from."""
    if (found := row.confirmation) is None:
        return row.held_confirmed_at, None, None, None
    return row.held_confirmed_at, found.confirmed_at, found.fresh_for_seconds, found.stale_for_seconds


def freshness_of(row: Any, info: strawberry.Info) -> Freshness:
    held, at, fresh, stale = confirmed(row)
    return Freshness(
        status=status_at(held, at, fresh, stale, instant=info.context["instant"]),  # type: ignore[arg-type]
        confirmed_at=held or at,
        source=row.confirmation and row.confirmation.source,
    )


@strawberry.type
class Money:
    """An amount."""

    amount: Decimal
    currency: CurrencyCode


@strawberry.type
class UnitPrice:
    """An amount a unit."""

    money: Money
    unit: str


@strawberry_django.type(
    models.Offer,
    name="Price",
    only=["node_id", "amount", "original_amount", "per_unit_amount", "per_unit", "currency"],
)
class Price:
    """An offer."""

    audience: Audience | None
    tax_mode: TaxMode
    valid_until: datetime | None

    @classmethod
    def get_queryset(cls, queryset: QuerySet[models.Offer], info: Any, **_: Any) -> QuerySet[models.Offer]:
        now = info.context["instant"]
        return queryset.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=now), Q(valid_until__isnull=True) | Q(valid_until__gt=now)
        ).order_by("audience", "id")

    @strawberry.field
    def id(self, root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode_id("Price", root.node_id))

    @strawberry.field
    def money(self, root: strawberry.Parent[Any]) -> Money | None:
        return None if root.amount is None else Money(amount=root.amount, currency=root.currency)

    @strawberry.field
    def original(self, root: strawberry.Parent[Any]) -> Money | None:
        return None if root.original_amount is None else Money(amount=root.original_amount, currency=root.currency)

    @strawberry.field
    def per_unit(self, root: strawberry.Parent[Any]) -> UnitPrice | None:
        if root.per_unit_amount is None:
            return None
        return UnitPrice(money=Money(amount=root.per_unit_amount, currency=root.currency), unit=root.per_unit)

    @strawberry_django.field(only=CONFIRMATION, select_related=["confirmation"])  # type: ignore[untyped-decorator]
    async def freshness(self, root: strawberry.Parent[Any], info: strawberry.Info) -> Freshness:
        return freshness_of(root, info)


@strawberry_django.type(
    models.Availability,
    name="Availability",
    only=["state", "until", *CONFIRMATION],
    select_related=["confirmation"],
)
class Availability:
    """Whether an item can be had."""

    @strawberry.field
    def state(self, root: strawberry.Parent[Any], info: strawberry.Info) -> AvailabilityState:
        instant = info.context["instant"]
        return state_at(root.state or None, root.until, *confirmed(root), instant=instant)  # type: ignore[return-value]

    @strawberry.field
    def until(self, root: strawberry.Parent[Any], info: strawberry.Info) -> datetime | None:
        return until_at(root.until, instant=info.context["instant"])

    @strawberry.field
    def freshness(self, root: strawberry.Parent[Any], info: strawberry.Info) -> Freshness:
        return freshness_of(root, info)


def own_availabilities(info: Any) -> Prefetch[Any]:
    """Availability at the item's own location, that of every channel."""
    rows = models.Availability.objects.filter(location=F("item__location"), channel__isnull=True)
    return Prefetch("availabilities", optimize(rows.order_by("id"), info), to_attr="own_availabilities")


@strawberry_django.type(models.Item, name="Item", only=["node_id"])
class Item:
    """Anything sellable."""

    name: str
    description: str | None
    media: list[str]
    allergens: list[Allergen] | None
    diets: list[Diet] | None
    labels: list[str]
    prices: list[Price] = strawberry_django.field(field_name="offers")

    @strawberry.field
    def id(self, root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode_id("Item", root.node_id))

    @strawberry_django.field(prefetch_related=own_availabilities)  # type: ignore[untyped-decorator]
    async def availability(self, root: strawberry.Parent[Any]) -> Availability:
        return next(iter(root.own_availabilities), None) or models.Availability()  # type: ignore[return-value]


def placed_items(info: Any) -> Prefetch[Any]:
    """A section's items in the order of the through model, which a many-to-many relation does not know."""
    items = optimize(models.Item.objects.all(), info)
    placements = models.Placement.objects.filter(item__deleted_at__isnull=True).order_by("position", "id")
    return Prefetch("placements", placements.only("section_id", "item_id").prefetch_related(Prefetch("item", items)))


@strawberry_django.type(models.Section, name="Section", only=["node_id"])
class Section:
    """A heading."""

    name: str
    position: int

    @strawberry.field
    def id(self, root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode_id("Section", root.node_id))

    @strawberry_django.field(prefetch_related=placed_items)  # type: ignore[untyped-decorator]
    async def items(self, root: strawberry.Parent[Any]) -> list[Item]:
        return [placement.item for placement in root.placements.all()]


@strawberry_django.type(models.Menu, name="Menu", only=["node_id"])
class Menu:
    """What a location sells."""

    name: str
    channel: Channel
    service_date: date | None
    sections: list[Section]

    @classmethod
    def get_queryset(cls, queryset: QuerySet[models.Menu], info: Any, **_: Any) -> QuerySet[models.Menu]:  # noqa: ARG003 - strawberry-django's signature
        here = Func(F("location__timezone"), Now(), function="timezone", output_field=DateTimeField())
        current = Q(service_date__gte=Cast(here, DateField())) | Q(service_date__isnull=True)
        return queryset.filter(current).order_by("service_date", "id")

    @strawberry.field
    def id(self, root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode_id("Menu", root.node_id))


@strawberry_django.type(models.Location, name="Location", only=["node_id"])
class Location:
    """A place that sells."""

    slug: str
    name: str
    address: str | None
    timezone: str
    currency: CurrencyCode
    accepting: bool
    paused_until: datetime | None
    menus: list[Menu]

    @strawberry.field
    def id(self, root: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode_id("Location", root.node_id))

    @strawberry_django.field(only=CONFIRMATION, select_related=["confirmation"])  # type: ignore[untyped-decorator]
    async def freshness(self, root: strawberry.Parent[Any], info: strawberry.Info) -> Freshness:
        return freshness_of(root, info)
