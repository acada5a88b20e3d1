"""The merchant as a location, and all of its schedules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from sync.protocol import Malformed, Record
from sync.records import LocationRecord, ScheduleRecord
from sync.sources.open_delivery import schedules
from sync.sources.open_delivery.entities import Catalogue
from sync.sources.open_delivery.prices import currency_of
from sync.sources.open_delivery.rows import Row, row
from sync.sources.open_delivery.shapes import Service, Unreadable, is_available

ADDRESS = (("street", "number"), ("complement",), ("district",), ("city", "state"), ("postalCode",), ("country",))
SLUG_LENGTH = 128
BOUNDS = {"latitude": 90, "longitude": 180}


def location_rows(catalogue: Catalogue) -> Iterator[Row]:
    """The merchant."""
    yield row(catalogue.merchant, LocationRecord.kind, catalogue.merchant, partial(location, catalogue))


def location(catalogue: Catalogue) -> LocationRecord:
    """The record of the merchant. Raises ``Unreadable``; an address in part, or nowhere, is left out."""
    name, currency = catalogue.basics.get("name"), currency_of(catalogue)
    if not isinstance(name, str) or not name.strip():
        raise Unreadable("a merchant must have a name", repr(name))
    if currency is None:
        raise Unreadable("a merchant must have a currency", repr(catalogue.basics.get("minOrderValue")))
    found = catalogue.basics.get("address")
    place = found if isinstance(found, dict) else {}
    coordinates = [degrees(place.get(axis), bound) for axis, bound in BOUNDS.items()]
    latitude, longitude = coordinates if None not in coordinates else (None, None)
    return LocationRecord(
        slug=catalogue.reading.slug or catalogue.merchant[:SLUG_LENGTH],
        name=name,
        timezone=catalogue.reading.timezone,
        currency=currency,
        address=address(place),
        latitude=latitude,
        longitude=longitude,
        accepting=is_available([catalogue.status]),
        schedule=schedules.OPENING,
    )


def address(place: dict[str, Any]) -> str | None:
    """``Address`` in one line, None when nothing of it is there."""
    parts = (" ".join(text for name in names if (text := said(place.get(name)))) for names in ADDRESS)
    return ", ".join(part for part in parts if part) or None


def said(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def degrees(value: Any, bound: int) -> Decimal | None:
    """A coordinate, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -bound <= value <= bound:
        return None
    return Decimal(value)


def open_services(catalogue: Catalogue) -> Iterator[tuple[str, Service | Unreadable]]:
    """The services that are for us: those that name no ordering application, or ours."""
    for name, service in catalogue.services.found.items():
        target = None if isinstance(service, Unreadable) else service.target_app_id
        if target is None or target == catalogue.reading.app_id:
            yield name, service


def schedule_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Schedules of availabilities, alone and as they are used together, of services, and of the merchant."""
    scope, kind = catalogue.merchant, ScheduleRecord.kind
    yield Record(scope, schedules.NEVER, schedules.never())
    for names in used_together(catalogue):
        yield row(
            scope,
            kind,
            schedules.availability_key(names),
            partial(schedules.joint_schedule, names, catalogue.availabilities),
        )
    taking: list[ScheduleRecord] = []
    broken: list[Malformed] = []
    for name, service in open_services(catalogue):
        found = row(scope, kind, schedules.service_key(name), partial(hours_of, service))
        yield found
        if isinstance(found, Malformed):
            broken.append(found)
        elif takes_orders(service):
            taking.append(found.payload)  # type: ignore[arg-type]
    if broken:
        yield Malformed(scope, kind, schedules.OPENING, broken[0].rule, broken[0].value)
    else:
        yield Record(scope, schedules.OPENING, schedules.opening_schedule(taking))


def hours_of(service: Service | Unreadable) -> ScheduleRecord:
    if isinstance(service, Unreadable):
        raise service
    return schedules.service_schedule(service)


def takes_orders(service: Service | Unreadable) -> bool:
    try:
        return not isinstance(service, Unreadable) and is_available([service.status])
    except Unreadable:
        return False


def used_together(catalogue: Catalogue) -> Iterable[tuple[str, ...]]:
    """Every availability by itself, then each set of several that a category or an item offer names."""
    sets = {(name,): None for name in catalogue.availabilities.found}
    for entities in (catalogue.categories, catalogue.item_offers):
        for entity in entities.found.values():
            names = getattr(entity, "availability_id", None) or ()
            if len(set(names)) > 1:
                sets[tuple(sorted(set(names)))] = None
    return sets


def schedule_of(catalogue: Catalogue, names: list[str] | None) -> str | None:
    """Key of the schedule that ``availabilityId`` names; None: always. Raises ``Dangling``."""
    for name in names or ():
        if name not in catalogue.availabilities.found:
            catalogue.availabilities.linked("availabilityId", name)
    return schedules.availability_key(names) if names else None
