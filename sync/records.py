"""The neutral vocabulary between sources and targets: what any supplier of menus can say.

Keys are the supplier's own (external ids), unique per kind within a source; references are such keys. Money is an exact
``Decimal`` and an ISO 4217 code. ``None`` means that the supplier did not say.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar

import msgspec


class WeeklyHours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An interval of every week, in local time. ``day``: 1 = Monday. ``end`` ≤ ``start`` means the day after."""

    day: int
    start: time
    end: time


class DatedHours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The hours that start on one local date, instead of the weekly ones that would; no hours: none start on it.

    What started the night before runs on into the date all the same, as ``larder_schedule_open`` has it.
    """

    on: date
    hours: tuple[tuple[time, time], ...] = ()


class ScheduleRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When something is open, served or valid. ``timezone`` is the IANA name that its hours are local to.

    Outside ``first_day`` to ``last_day`` (both included, local dates) it never is.
    """

    kind: ClassVar[str] = "schedule"
    timezone: str
    weekly: tuple[WeeklyHours, ...] = ()
    exceptions: tuple[DatedHours, ...] = ()
    first_day: date | None = None
    last_day: date | None = None


class LocationRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    paused_until: datetime | None = None
    schedule: str | None = None
    """Opening hours; None = the supplier did not say."""


class MenuRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a location sells through one channel, on one day when ``service_date`` is given."""

    kind: ClassVar[str] = "menu"
    location: str
    name: str
    channel: str
    service_date: date | None = None
    schedule: str | None = None


class SectionRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A heading in a menu. ``position`` counts from 0."""

    kind: ClassVar[str] = "section"
    menu: str
    name: str
    position: int
    parent: str | None = None
    schedule: str | None = None


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    media: tuple[str, ...] = ()
    """URLs of pictures, best first."""


class PlacementRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An item's place in a section. ``position`` counts from 0."""

    kind: ClassVar[str] = "placement"
    section: str
    item: str
    position: int


class OptionGroupRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A choice to make: at least ``least`` and at most ``most`` (None = no limit) of its options.

    ``price_method`` says how the options' prices enter the item's: SUM, MAX, AVG or REPLACE.
    """

    kind: ClassVar[str] = "option_group"
    name: str
    language: str
    least: int = 0
    most: int | None = None
    price_method: str = "SUM"
    translations: dict[str, dict[str, str]] = {}


class GroupOptionRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An option of a group, which is an item itself and may have groups of its own. ``position`` counts from 0."""

    kind: ClassVar[str] = "group_option"
    group: str
    item: str
    position: int
    preselected: bool = False


class ItemGroupRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A group that an item offers; ``least`` and ``most`` override the group's where the supplier overrides them.

    ``most_overridden`` tells an override to "no limit" (``most`` None) from no override.
    """

    kind: ClassVar[str] = "item_group"
    item: str
    group: str
    position: int
    least: int | None = None
    most: int | None = None
    most_overridden: bool = False


class OfferRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A price of an item; with a ``group``, of the item as an option of that group.

    ``amount`` None with no per-unit part = open price; both parts add up.
    """

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
    group: str | None = None
    schedule: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class AvailabilityRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether an item can be had at a location.

    In a SPARSE stream its key is matched against the target's population, which knows item and location; elsewhere the
    record names them.
    """

    kind: ClassVar[str] = "availability"
    item: str | None = None
    location: str | None = None
    state: str
    until: datetime | None = None
    quantity: Decimal | None = None
    reason: str | None = None
    channel: str | None = None
