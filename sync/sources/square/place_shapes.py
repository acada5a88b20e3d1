"""A seller's locations as far as Larder reads them (Square API 2025-08-20, Locations)."""

from __future__ import annotations

import re
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from sync.errors import DocumentRefused
from sync.sources.square.unreadable import ID, ID_RULE, Unreadable, shown

CURRENCY = re.compile(r"[A-Z]{3}")


class Period(msgspec.Struct, frozen=True):
    """``BusinessHoursPeriod``, in local time."""

    day_of_week: str | None = None
    start_local_time: str | None = None
    end_local_time: str | None = None


class Hours(msgspec.Struct, frozen=True):
    """``BusinessHours``."""

    periods: list[Period] | None = None


class Coordinates(msgspec.Struct, frozen=True):
    """``Coordinates``."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None


class Address(msgspec.Struct, frozen=True):
    """``Address``."""

    address_line_1: str | None = None
    address_line_2: str | None = None
    postal_code: str | None = None
    locality: str | None = None
    country: str | None = None


class Location(msgspec.Struct, frozen=True):
    """``Location``."""

    id: str
    merchant_id: str
    name: str
    timezone: str
    currency: str
    status: str | None = None
    language_code: str | None = None
    address: Address | None = None
    coordinates: Coordinates | None = None
    business_hours: Hours | None = None


class LocationHead(msgspec.Struct, frozen=True):
    """What every location must say of itself."""

    id: str
    merchant_id: str


class LocationStatus(msgspec.Struct, frozen=True):
    """Whether a location sells."""

    status: str | None = None


_location = msgspec.json.Decoder(Location)
_location_head = msgspec.json.Decoder(LocationHead)


def read_location_head(raw: msgspec.Raw) -> LocationHead:
    """Which location it is, and whose. Raises ``DocumentRefused``."""
    try:
        head = _location_head.decode(raw)
    except (ValueError, RecursionError) as exc:
        raise DocumentRefused("a location must have an id and a merchant_id", f"{exc} in {shown(bytes(raw))}") from exc
    if not ID.fullmatch(head.id):
        raise DocumentRefused(ID_RULE, repr(head.id))
    return head


def read_location(raw: msgspec.Raw) -> Location:
    """The location. Raises ``Unreadable``."""
    try:
        found = _location.decode(raw)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("a location must have a name, a timezone, a currency and the documented shape", exc) from exc
    if not found.name.strip():
        raise Unreadable("a location must have a name", repr(found.name))
    if not CURRENCY.fullmatch(found.currency):
        raise Unreadable("a currency must be three capital letters", repr(found.currency))
    try:
        ZoneInfo(found.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise Unreadable("a timezone must be an IANA name", repr(found.timezone)) from exc
    return found
