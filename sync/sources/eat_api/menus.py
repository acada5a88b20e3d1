"""The stream ``menu``: locations, menus and prices out of ``/canteens.json`` and the week files."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sync.documents import Document, Documents, Wanted
from sync.errors import DocumentRefused
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Unchanged
from sync.sources.eat_api import canteens
from sync.sources.eat_api.canteens import Listing, list_canteens, location_events
from sync.sources.eat_api.days import day_events, day_scope
from sync.sources.eat_api.labels import KNOWN as KNOWN_LABELS
from sync.sources.eat_api.shapes import Week, read_labels, read_week
from sync.sources.eat_api.weeks import Known, WeekFile, known, outdated, wanted_weeks

STREAM = "menu"
LABELS = "enums/labels.json"


async def pull_menus(documents: Documents, cursor: dict[str, Any]) -> AsyncGenerator[Event, None]:
    """What the supplier says about every canteen it lists, and about those that it lists no longer."""
    try:
        listing = await list_canteens(documents, cursor)
    except DocumentRefused as exc:
        yield Failed(None, canteens.DOCUMENT, exc.rule, exc.value)
        return
    yield listing.checkpoint
    async for event in label_events(documents, cursor):
        yield event
    for event in listing_events(listing, cursor):
        yield event
    files = {file.path: file for canteen in listing.entries for file in wanted_weeks(canteen, listing.today, cursor)}
    wanted = [Wanted(path, (known(cursor, path) or Known()).etag) for path in files]
    async for one, answer in documents.many(wanted):
        for event in week_events(files[one.path], answer, known(cursor, one.path), listing.today):
            yield event


async def label_events(documents: Documents, cursor: dict[str, Any]) -> AsyncGenerator[Event, None]:
    """Codes that the supplier introduced since Larder's table of labels was written. Dishes do not wait for them."""
    before = cursor.get(LABELS, {})
    try:
        answer = await documents.get(Wanted(LABELS, before.get("etag")))
        if answer.body is not None:
            codes = [label.enum_name for label in read_labels(answer.body)]
            for code in sorted(set(codes) - KNOWN_LABELS):
                yield Malformed(
                    LABELS, "label", code, "a label code must be known as an allergen, a diet or neither", code
                )
    except DocumentRefused as exc:
        yield Failed(LABELS, LABELS, exc.rule, exc.value)
        return
    yield Checkpoint(LABELS, {} if answer.unchanged else {LABELS: {"etag": answer.etag}}, document=LABELS)


def listing_events(listing: Listing, cursor: dict[str, Any]) -> Iterator[Event]:
    """Each canteen's location, and the end of those that left the list: their menus from today on go too."""
    for canteen, entry in listing.entries.items():
        listed = {f"canteens/{canteen}": {"listed": True}}
        yield Checkpoint(canteen, {**listed, **outdated(canteen, listing.today, cursor)})
        yield from location_events(STREAM, canteen, entry, listing.told_at)
        yield Checkpoint(canteen, {})
        if listing.unchanged:
            yield Unchanged(canteen, canteens.DOCUMENT, listing.told_at)
    listed_before = [key.removeprefix("canteens/") for key in cursor if key.startswith("canteens/")]
    for canteen in listed_before:
        if canteen not in listing.entries:
            yield from location_events(STREAM, canteen, None, listing.told_at)
            for file in wanted_weeks(canteen, listing.today, {}):
                yield from absent_days(file, set(), listing.today, listing.told_at)
            left = [key for key in cursor if key == f"canteens/{canteen}" or key.startswith(f"{canteen}/")]
            yield Checkpoint(canteen, dict.fromkeys(left))


def week_events(
    file: WeekFile, answer: Document | DocumentRefused, before: Known | None, today: date
) -> Iterator[Event]:
    """What one week file says. A file that is not there says that nothing is sold from today on."""
    try:
        if isinstance(answer, DocumentRefused):
            raise answer
        told_at = answer.told_at or datetime.now(UTC)
        if answer.unchanged or (answer.body is None and before == Known(absent=True)):
            coming = tuple(day_scope(file.canteen, day) for day in file.days if day >= today)
            yield Unchanged(file.canteen, file.path, told_at, guarded=coming)
            return
        week = Week(0, 0, []) if answer.body is None else read_days(file, answer.body)
    except DocumentRefused as exc:
        yield Failed(file.canteen, file.path, exc.rule, exc.value)
        return
    for day in week.days:
        scope = day_scope(file.canteen, day.date)
        yield Begin(STREAM, Mode.SNAPSHOT, scope, confirms=file.canteen, guarded=day.date >= today)
        yield from day_events(file.canteen, day.date, day.dishes)
        yield End(scope, complete=True, as_of=told_at)
    yield from absent_days(file, {day.date for day in week.days}, today, told_at)
    after = Known(absent=True) if answer.body is None else Known(answer.etag)
    yield Checkpoint(file.canteen, {file.path: after.entry()}, document=file.path)


def read_days(file: WeekFile, body: bytes) -> Week:
    """The week. Raises ``DocumentRefused``, also when its days are not days of its week, each named once."""
    week = read_week(body)
    dates = [day.date for day in week.days]
    if strangers := sorted(set(dates) - set(file.days)):
        raise DocumentRefused("the days of a week file must lie in its week", strangers[0])
    if len(set(dates)) < len(dates):
        raise DocumentRefused("a week file must name each day once", min(day for day in dates if dates.count(day) > 1))
    return week


def absent_days(file: WeekFile, listed: set[date], today: date, told_at: datetime) -> Iterator[Event]:
    """The days from today on that the file does not list: what was announced for them is off.

    Past days drop out of week files, which means nothing.
    """
    for day in file.days:
        if day >= today and day not in listed:
            scope = day_scope(file.canteen, day)
            yield Begin(STREAM, Mode.SNAPSHOT, scope, confirms=file.canteen, guarded=True)
            yield End(scope, complete=True, as_of=told_at)
