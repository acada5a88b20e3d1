"""``/canteens.json``: which canteens there are. Both streams start from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync.documents import Documents, Wanted
from sync.errors import DocumentRefused
from sync.protocol import Begin, Checkpoint, End, Event, Malformed, Mode, Record
from sync.records import LocationRecord
from sync.sources.eat_api.prices import CURRENCY
from sync.sources.eat_api.shapes import Canteen, Unreadable, read_as, read_entries, read_entry

DOCUMENT = "canteens.json"
TIMEZONE = "Europe/Berlin"
CANTEEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True, slots=True)
class Listing:
    """The canteens that the supplier lists. ``entries`` are as the document has them, less what nobody reads."""

    entries: dict[str, dict[str, Any]]
    etag: str | None
    unchanged: bool
    told_at: datetime

    @property
    def today(self) -> date:
        """The supplier's own date."""
        return self.told_at.astimezone(ZoneInfo(TIMEZONE)).date()

    @property
    def checkpoint(self) -> Checkpoint:
        """What the next run needs to ask for a newer listing only."""
        kept = {"etag": self.etag, "canteens": list(self.entries.values())}
        return Checkpoint(DOCUMENT, {DOCUMENT: kept}, document=DOCUMENT)


async def list_canteens(documents: Documents, cursor: dict[str, Any]) -> Listing:
    """The listing, out of ``cursor`` when the supplier has no newer one. Raises ``DocumentRefused``."""
    known = cursor.get(DOCUMENT, {})
    answer = await documents.get(Wanted(DOCUMENT, known.get("etag")))
    told_at = answer.told_at or datetime.now(UTC)
    if answer.unchanged:
        return Listing(
            {entry["canteen_id"]: entry for entry in known["canteens"]}, known["etag"], unchanged=True, told_at=told_at
        )
    if answer.body is None:
        raise DocumentRefused("the list of canteens must exist", "404")
    entries: dict[str, dict[str, Any]] = {}
    for raw in read_entries(answer.body):
        entry = readable(raw)
        if entries.setdefault(entry["canteen_id"], entry) != entry:
            raise DocumentRefused("canteen_id must be unique", entry["canteen_id"])
    if not entries:
        raise DocumentRefused("the list of canteens must not be empty", "[]")
    return Listing(entries, answer.etag, unchanged=False, told_at=told_at)


def readable(raw: Any) -> dict[str, Any]:
    """An entry of the listing with the fields that count. Without its id nobody knows whose data are missing."""
    try:
        entry = read_entry(raw)
    except Unreadable as exc:
        raise DocumentRefused(exc.rule, exc.value) from exc
    canteen = entry.get("canteen_id")
    if not isinstance(canteen, str) or not CANTEEN_ID.fullmatch(canteen):
        raise DocumentRefused("canteen_id must be letters, digits, - and _", repr(canteen))
    place = entry.get("location")
    if isinstance(place, dict):
        place = {name: place.get(name) for name in ("address", "latitude", "longitude")}
    return {"canteen_id": canteen, "name": entry.get("name"), "location": place}


def location_events(stream: str, canteen: str, entry: dict[str, Any] | None, told_at: datetime) -> Iterator[Event]:
    """The scope of the canteen's location; ``entry`` None: the supplier lists it no longer."""
    scope = f"canteens/{canteen}"
    yield Begin(stream, Mode.SNAPSHOT, scope, confirms=canteen)
    if entry is not None:
        yield location(scope, canteen, entry)
    yield End(scope, complete=True, as_of=told_at)


def location(scope: str, canteen: str, entry: dict[str, Any]) -> Event:
    try:
        found = read_as(entry, Canteen)
    except Unreadable as exc:
        return Malformed(scope, LocationRecord.kind, canteen, exc.rule, exc.value)
    record = LocationRecord(
        slug=canteen,
        name=found.name,
        timezone=TIMEZONE,
        currency=CURRENCY,
        address=found.location.address,
        latitude=found.location.latitude,
        longitude=found.location.longitude,
    )
    return Record(scope, canteen, record)
