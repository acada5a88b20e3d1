"""The stream ``menu``: locations, menus, modifiers and prices, of each restaurant whose menus changed (Menus V2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import datetime
from typing import Any

from sync.documents import Document, Documents
from sync.errors import DocumentRefused
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Mode, Unchanged
from sync.records import LocationRecord
from sync.sources.toast.asking import ask, asked
from sync.sources.toast.choices import choice_events
from sync.sources.toast.gate import kept, version_had, version_told
from sync.sources.toast.modifiers import Modifiers
from sync.sources.toast.options import Options, Restaurant
from sync.sources.toast.reading import Reading
from sync.sources.toast.sections import Menus
from sync.sources.toast.shapes import aware, of_restaurant, read_published

STREAM = "menu"
METADATA = "menus/v2/metadata"
MENUS = "menus/v2/menus"


async def pull_menus(options: Options, documents: Documents, cursor: dict[str, Any]) -> AsyncGenerator[Event, None]:
    """What each restaurant sells, and the end of those that the source declares no longer."""
    for event in left(STREAM, options, cursor):
        yield event
    newer: dict[Restaurant, datetime] = {}
    async for restaurant, answer in ask(documents, METADATA, options.restaurants):
        name = asked(METADATA, restaurant)
        try:
            if isinstance(answer, DocumentRefused):
                raise answer
            told = version_told(restaurant, answer)
        except DocumentRefused as exc:
            yield Failed(restaurant.guid, name, exc.rule, exc.value)
            continue
        had = version_had(cursor, restaurant.guid, options.reading(restaurant), answer.told_at)
        if had is None or told > had:
            yield Checkpoint(restaurant.guid, {}, document=name)
            newer[restaurant] = told
        elif told == had:
            yield Unchanged(restaurant.guid, name, answer.told_at, guarded=(restaurant.guid,))
        else:
            value = f"{told.isoformat()} after {had.isoformat()}"
            for event in unsettled(restaurant, name, "lastUpdated must not go back", value):
                yield event
    async for restaurant, answer in ask(documents, MENUS, newer):
        for event in menu_events(options, restaurant, answer, newer[restaurant]):
            yield event


def left(stream: str, options: Options, cursor: dict[str, Any]) -> Iterator[Event]:
    """The empty scopes of restaurants that earlier runs read and the source declares no longer."""
    declared = {restaurant.guid for restaurant in options.restaurants}
    for guid in sorted(set(cursor) - declared):
        yield Begin(stream, Mode.SNAPSHOT, guid, confirms=guid, guarded=True)
        yield End(guid, complete=True)
        yield Checkpoint(guid, {guid: None})


def unsettled(restaurant: Restaurant, document: str, rule: str, value: str) -> Iterator[Event]:
    """Nothing can be read of a restaurant yet: it stays as it is, unconfirmed, and is asked again by the next run.

    The failure is told of the document alone. A supplier that is not done publishing fails no run.
    """
    yield Begin(STREAM, Mode.SNAPSHOT, restaurant.guid, confirms=restaurant.guid, guarded=True)
    yield End(restaurant.guid, complete=False)
    yield Failed(document, document, rule, value)


def menu_events(
    options: Options, restaurant: Restaurant, answer: Document | DocumentRefused, told: datetime
) -> Iterator[Event]:
    """What a restaurant's menus say; ``told`` is what the metadata said of their version."""
    name = asked(MENUS, restaurant)
    try:
        if isinstance(answer, DocumentRefused):
            raise answer
        published = read_published(answer.body)
        of_restaurant(published.restaurant_guid, restaurant.guid)
        version = aware(published.last_updated)
    except DocumentRefused as exc:
        yield Failed(restaurant.guid, name, exc.rule, exc.value)
        return
    if version < told:
        value = f"{version.isoformat()} for {told.isoformat()}"
        yield from unsettled(restaurant, name, "menus must be as new as their metadata", value)
        return
    reading = Reading(options, restaurant, published)
    modifiers = Modifiers(reading)
    yield Begin(STREAM, Mode.SNAPSHOT, restaurant.guid, confirms=restaurant.guid, guarded=True)
    yield from reading.record(restaurant.guid, location(reading))
    try:
        yield from Menus(reading, modifiers).events()
    except DocumentRefused as exc:
        yield Failed(restaurant.guid, name, exc.rule, exc.value)
        return
    yield from choice_events(reading, modifiers)
    yield End(restaurant.guid, complete=True, as_of=answer.told_at)
    cursor = {restaurant.guid: kept(version, options.reading(restaurant))}
    yield Checkpoint(restaurant.guid, cursor, document=name)


def location(reading: Reading) -> LocationRecord:
    """The restaurant, of which the menus tell but the timezone."""
    restaurant = reading.restaurant
    return LocationRecord(
        slug=restaurant.slug,
        name=restaurant.name,
        timezone=reading.timezone,
        currency=reading.options.currency,
        address=restaurant.address,
    )
