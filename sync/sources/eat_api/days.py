"""A day of a week file as records: menu, sections, items, placements, offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from sync.identity import ENCODER
from sync.protocol import Event, Malformed, Record
from sync.records import ItemRecord, MenuRecord, PlacementRecord, SectionRecord
from sync.sources.eat_api.labels import allergens, diets
from sync.sources.eat_api.prices import offer_events
from sync.sources.eat_api.shapes import Unreadable, read_entry

CHANNEL = "DINE_IN"
LANGUAGE = "de"
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")


@dataclass(frozen=True, slots=True)
class Dish:
    """An entry of a day whose name can be read."""

    name: str
    dish_type: str
    labels: Any
    prices: Any
    content: bytes
    """The entry in canonical JSON: what orders dishes of one name."""


def day_scope(canteen: str, day: date) -> str:
    """The unit of absence of a day, which is its menu's key too."""
    return f"{canteen}/{day.isoformat()}"


def day_events(canteen: str, day: date, entries: Iterable[msgspec.Raw]) -> Iterator[Event]:
    """What stands between Begin and End of the day's scope, referenced records first."""
    scope = day_scope(canteen, day)
    name = f"{WEEKDAYS[day.weekday()]}, {day:%d.%m.%Y}"
    yield Record(scope, scope, MenuRecord(location=canteen, name=name, channel=CHANNEL, service_date=day))
    dishes: list[Dish] = []
    for entry in entries:
        try:
            dishes.append(read_dish(entry))
        except Unreadable as exc:
            yield Malformed(scope, ItemRecord.kind, None, exc.rule, exc.value)
    sections: dict[str, int] = defaultdict(int)
    for dish, number in zip(dishes, tie_numbers(dishes), strict=True):
        section = f"{scope}/{escaped(dish.dish_type)}"
        if section not in sections:
            record = SectionRecord(menu=scope, name=dish.dish_type, position=len(sections))
            yield Record(scope, section, record)
        yield from dish_events(scope, section, f"{section}/{escaped(dish.name)}/{number}", dish, sections[section])
        sections[section] += 1


def dish_events(scope: str, section: str, key: str, dish: Dish, position: int) -> Iterator[Event]:
    canteen = scope.partition("/")[0]
    labels = [] if dish.labels is None else dish.labels
    if isinstance(labels, list) and all(isinstance(code, str) for code in labels):
        yield Record(
            scope,
            key,
            ItemRecord(
                name=dish.name,
                language=LANGUAGE,
                location=canteen,
                allergens=allergens(labels),
                diets=diets(labels),
                labels=tuple(labels),
            ),
        )
    else:
        yield Malformed(scope, ItemRecord.kind, key, "labels must be a list of codes", repr(dish.labels))
    yield Record(scope, key, PlacementRecord(section=section, item=key, position=position))
    yield from offer_events(scope, key, dish.prices)


def read_dish(entry: msgspec.Raw) -> Dish:
    """The dish. Raises ``Unreadable`` when it cannot be told which dish it is."""
    found = read_entry(entry)
    name, dish_type = found.get("name"), found.get("dish_type")
    if not isinstance(name, str) or not name.strip():
        raise Unreadable("a dish must have a name", repr(name))
    if not isinstance(dish_type, str):
        raise Unreadable("a dish must have a dish_type", f"{dish_type!r} of {name!r}")
    return Dish(name, dish_type, found.get("labels"), found.get("prices"), ENCODER.encode(found))


def tie_numbers(dishes: Sequence[Dish]) -> list[int]:
    """For each dish its number, from 1, among those of the same name and type.

    They are ordered by what they say, so that a file republished in another order keeps their keys.
    """
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, dish in enumerate(dishes):
        alike[dish.name, dish.dish_type].append(place)
    numbers = [1] * len(dishes)
    for places in alike.values():
        for number, place in enumerate(sorted(places, key=lambda at: dishes[at].content), start=1):
            numbers[place] = number
    return numbers


def escaped(part: str) -> str:
    """``part`` as one segment of a key."""
    return part.replace("%", "%25").replace("/", "%2F")
