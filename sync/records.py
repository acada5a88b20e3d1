"""The neutral vocabulary between sources and targets: what any supplier of menus can say.

Keys are the supplier's own (external ids), unique per kind within a source; references are such keys. Money is an exact
``Decimal`` and an ISO 4217 code. ``None`` means that the supplier did not say.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import msgspec


class LocationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A place that sells."""

    kind: ClassVar[str] = "location"
    slug: str
    name: str
    timezone: str
    currency: str
    address: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accepting: bool = True


class MenuRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a location sells through one channel, on one day when ``service_date`` is given."""

    kind: ClassVar[str] = "menu"
    location: str
    name: str
    channel: str
    service_date: date | None = None


class SectionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A heading in a menu. ``position`` counts from 0."""

    kind: ClassVar[str] = "section"
    menu: str
    name: str
    position: int
    parent: str | None = None


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Anything sellable. ``allergens`` and ``diets``: None = undeclared, () = declared none."""

    kind: ClassVar[str] = "item"
    name: str
    language: str
    location: str | None = None
    description: str | None = None
    translations: dict[str, dict[str, str]] = {}
    allergens: tuple[str, ...] | None = None
    diets: tuple[str, ...] | None = None
    labels: tuple[str, ...] = ()


class PlacementRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An item's place in a section. ``position`` counts from 0."""

    kind: ClassVar[str] = "placement"
    section: str
    item: str
    position: int


class OfferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A price of an item. ``amount`` None with no per-unit part = open price; both parts add up."""

    kind: ClassVar[str] = "offer"
    item: str
    currency: str
    amount: Decimal | None = None
    original_amount: Decimal | None = None
    per_unit_amount: Decimal | None = None
    per_unit: str | None = None
    tax_mode: str = "UNKNOWN"
    location: str | None = None
    channel: str | None = None
    audience: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class AvailabilityRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an item can be had. In a SPARSE stream its key is matched against the target's population."""

    kind: ClassVar[str] = "availability"
    state: str
    until: datetime | None = None
    quantity: Decimal | None = None
    reason: str | None = None
    channel: str | None = None
