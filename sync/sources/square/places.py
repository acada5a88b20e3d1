"""The merchant's locations: who they are, and the scope of each that holds its menus and sections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import msgspec

from sync.documents import Documents
from sync.errors import DocumentRefused
from sync.identity import digest
from sync.protocol import Event, Malformed, Record
from sync.records import LocationRecord, MenuRecord, ScheduleRecord, WeeklyHours
from sync.sources.square.answers import read_locations, read_one_location
from sync.sources.square.options import SquareOptions
from sync.sources.square.place_shapes import Hours, Location, read_location, read_location_head
from sync.sources.square.requests import LOCATION, LOCATIONS, ask, no_errors, whole
from sync.sources.square.unreadable import Unreadable

READING = 1
"""Number of this reading of the answers. Raise it when they mean other rows: everything is then read again."""
DAYS = {"MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6, "SUN": 7}
TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]|24(?=:00))(?::([0-5]\d))(?::([0-5]\d))?")
ACTIVE = "ACTIVE"
DEFAULT_LANGUAGE = "en"
SLUG_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Places:
    """The locations that the merchant lists. ``active`` sell; ``broken`` could not be read."""

    merchant: str
    active: dict[str, Location]
    broken: dict[str, Unreadable]
    ids: frozenset[str]
    """Every location of the merchant, also those that are closed."""
    told_at: datetime | None

    def digest(self, options: SquareOptions) -> str:
        """Names all of it that rows are made of, beside the catalog."""
        places = [msgspec.to_builtins(self.active[key], str_keys=True) for key in sorted(self.active)]
        said = [options.channels, options.language]
        return digest([READING, said, self.merchant, places, sorted(self.broken)]).hex


async def list_places(documents: Documents, merchant: str | None, known: Collection[str]) -> Places:
    """The merchant's locations. ``known`` are those that the store has.

    Raises ``DocumentRefused``, also when they are not all of ``merchant`` (None: of one merchant), and when an active
    one of ``known`` is missing in the list.
    """
    answer = await ask(documents, LOCATIONS)
    page = read_locations(whole(answer))
    no_errors(page.errors)
    active: dict[str, Location] = {}
    broken: dict[str, Unreadable] = {}
    ids: set[str] = set()
    for raw in page.locations:
        head = read_location_head(raw)
        merchant = of_merchant(head.merchant_id, merchant)
        if head.id in ids:
            raise DocumentRefused("a location must be listed once", head.id)
        ids.add(head.id)
        try:
            location = read_location(raw)
        except Unreadable as exc:
            broken[head.id] = exc
            continue
        if location.status in {None, ACTIVE}:
            active[head.id] = location
    if merchant is None or not ids:
        raise DocumentRefused("the list of locations must not be empty", "[]")
    for missing in sorted(set(known) - ids):
        await surely_gone(documents, missing)
    return Places(merchant, active, broken, frozenset(ids), answer.told_at)


def of_merchant(told: str, merchant: str | None) -> str:
    """``told`` if it is ``merchant``. Raises ``DocumentRefused`` for another tenant's."""
    if merchant is not None and told != merchant:
        raise DocumentRefused(f"every row must be of the merchant {merchant}", told)
    return told


async def surely_gone(documents: Documents, location: str) -> None:
    """Raises ``DocumentRefused`` when a location that the list left out is there when asked by its id."""
    answer = await ask(documents, LOCATION.format(location))
    if answer.body is not None and read_one_location(answer.body).location.status in {None, ACTIVE}:
        raise DocumentRefused("the list of locations must name every active one", location)


def language(location: Location, options: SquareOptions) -> str:
    """Language of the location's texts, without its region."""
    return options.language or (location.language_code or DEFAULT_LANGUAGE).partition("-")[0].lower()


def location_events(scope: str, refused: str, location: Location, options: SquareOptions) -> Iterator[Event]:
    """The location, its opening hours and its menus."""
    hours = f"{location.id}/hours"
    schedule = None
    if location.business_hours is not None and location.business_hours.periods:
        schedule = hours
        try:
            record = ScheduleRecord(timezone=location.timezone, weekly=weekly(location.business_hours))
            yield Record(scope, hours, record)
        except Unreadable as exc:
            yield Malformed(refused, ScheduleRecord.kind, hours, exc.rule, exc.value)
            schedule = None
    where, at = location.address, location.coordinates
    yield Record(
        scope,
        location.id,
        LocationRecord(
            slug=slug(location),
            name=location.name,
            timezone=location.timezone,
            currency=location.currency,
            address=None if where is None else address(msgspec.structs.asdict(where)),
            latitude=at.latitude if at else None,
            longitude=at.longitude if at else None,
            schedule=schedule,
        ),
    )
    for channel in options.channels:
        yield Record(
            scope,
            menu_key(location.id, channel),
            MenuRecord(location=location.id, name=location.name, channel=channel),
        )


def menu_key(location: str, channel: str) -> str:
    return f"{location}/{channel}"


def slug(location: Location) -> str:
    """Name and id: names change and repeat."""
    words = re.sub(r"[^a-z0-9]+", "-", location.name.lower()).strip("-")
    ending = re.sub(r"[^A-Za-z0-9_-]", "-", location.id)
    return f"{words[: SLUG_LENGTH - len(ending) - 1]}-{ending}".lstrip("-")


def address(parts: Mapping[str, Any]) -> str | None:
    """One line of what there is."""
    town = " ".join(filter(None, (parts["postal_code"], parts["locality"])))
    return ", ".join(filter(None, (parts["address_line_1"], parts["address_line_2"], town, parts["country"]))) or None


def weekly(hours: Hours) -> tuple[WeeklyHours, ...]:
    """The periods of every week. Raises ``Unreadable``."""
    return tuple(
        WeeklyHours(
            day=day_of(period.day_of_week), start=clock(period.start_local_time), end=clock(period.end_local_time)
        )
        for period in hours.periods or ()
    )


def day_of(name: str | None) -> int:
    if name not in DAYS:
        raise Unreadable(f"day_of_week must be one of {', '.join(DAYS)}", repr(name))
    return DAYS[name]


def clock(text: str | None) -> time:
    """A local time, as ``8:30:00`` too; ``24:00`` is the midnight that ends the day. Raises ``Unreadable``."""
    found = TIME_OF_DAY.fullmatch(text or "")
    if found is None:
        raise Unreadable("a time of day must be HH:MM:SS", repr(text))
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour % 24, minute, second)
