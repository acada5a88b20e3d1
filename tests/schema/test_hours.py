"""Opening hours, pauses, and menus that are served at certain hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.asking import asking
from tests.catalog.filling import schedule
from tests.pantry import Pantry, stocked
from tests.schema.both import both

SUNDAY = datetime(2026, 3, 29, tzinfo=UTC)
"""Clocks go forward in Berlin, from 02:00 to 03:00."""

TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
OPENING = '{ location(slug: "corner") { opening { isOpen nextChange } pausedUntil } }'


def open_on_sundays(pantry: Pantry) -> None:
    pantry.location("corner", schedule=schedule(pantry, "s", [[7, "10:00", "18:00"]]))


def at(hour: int, minute: int = 0) -> datetime:
    return SUNDAY + timedelta(hours=hour, minutes=minute)


def told(answer: Any) -> tuple[Any, Any]:
    opening = answer["location"]["opening"]
    return opening["isOpen"], opening["nextChange"]


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (at(8) - TICK, (False, "2026-03-29T08:00:00+00:00")),
        (at(8), (True, "2026-03-29T16:00:00+00:00")),
        (at(16) - TICK, (True, "2026-03-29T16:00:00+00:00")),
        (at(16), (False, "2026-04-05T08:00:00+00:00")),
    ],
)
async def test_hours_are_local_and_the_answer_lasts_until_they_change(
    store: str, instant: datetime, expected: tuple[bool, str]
) -> None:
    await stocked(open_on_sundays)

    async with both(store) as ask:
        answer = await ask(OPENING, instant)

    assert told(answer.data) == expected
    assert answer.changes_at == datetime.fromisoformat(expected[1])


async def test_another_instant_can_be_asked_about_and_the_answer_lasts(store: str) -> None:
    await stocked(open_on_sundays)

    async with both(store) as ask:
        answer = await ask(
            'query ($at: DateTime) { location(slug: "corner") { opening(at: $at) { isOpen nextChange } } }',
            at(0),
            at="2026-03-29T12:00:00+02:00",
        )

    assert told(answer.data) == (True, "2026-03-29T16:00:00+00:00")
    assert answer.changes_at is None


@pytest.mark.parametrize(
    ("pause_ends", "expected"),
    [
        (at(12), (False, "2026-03-29T12:00:00+00:00")),
        (at(17), (False, "2026-04-05T08:00:00+00:00")),
        (at(9), (True, "2026-03-29T16:00:00+00:00")),
    ],
)
async def test_a_paused_location_is_shut_until_its_pause_ends(
    store: str, pause_ends: datetime, expected: tuple[bool, str]
) -> None:
    await stocked(
        lambda pantry: pantry.location(
            "corner", paused_until=pause_ends, schedule=schedule(pantry, "s", [[7, "10:00", "18:00"]])
        )
    )

    async with both(store) as ask:
        answer = await ask(OPENING, at(9))

    assert told(answer.data) == expected
    assert answer.data["location"]["pausedUntil"] == (None if pause_ends == at(9) else pause_ends.isoformat())


async def test_without_hours_a_pause_is_all_that_is_known(store: str) -> None:
    await stocked(lambda pantry: pantry.location("corner", paused_until=at(12)))

    async with both(store) as ask:
        paused, over = await ask(OPENING, at(12) - TICK), await ask(OPENING, at(12))

    assert told(paused.data) == (False, "2026-03-29T12:00:00+00:00")
    assert told(over.data) == (None, None)
    assert (paused.changes_at, over.changes_at) == (at(12), None)


HOURS = """
{ location(slug: "corner") { hours {
    timezone firstDay lastDay isOpen
    weekly { day start end } exceptions { on start end } freshness { status }
} } }
"""


async def test_hours_are_listed_in_order(store: str) -> None:
    weekly = [[7, "10:00", "18:00"], [1, "18:00", "02:00"], [1, "11:00", "14:00"]]
    dated = [["2026-12-25", None, None], ["2026-12-24", "10:00", "12:00"], ["2026-12-24", "09:00", "09:30:15"]]
    await stocked(
        lambda pantry: pantry.location(
            "corner", schedule=schedule(pantry, "s", weekly, exceptions=dated, last_day="2027-01-31")
        )
    )

    async with both(store) as ask:
        answer = await ask(HOURS, at(9))

    assert answer.data["location"]["hours"] == {
        "timezone": "Europe/Berlin",
        "firstDay": None,
        "lastDay": "2027-01-31",
        "isOpen": True,
        "weekly": [
            {"day": 1, "start": "11:00", "end": "14:00"},
            {"day": 1, "start": "18:00", "end": "02:00"},
            {"day": 7, "start": "10:00", "end": "18:00"},
        ],
        "exceptions": [
            {"on": "2026-12-24", "start": "09:00", "end": "09:30:15"},
            {"on": "2026-12-24", "start": "10:00", "end": "12:00"},
            {"on": "2026-12-25", "start": None, "end": None},
        ],
        "freshness": {"status": "FRESH"},
    }


async def test_menus_can_be_narrowed_to_those_that_are_served(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        pantry.menu(corner)
        lunch = pantry.menu(corner, SUNDAY.date())
        lunch.name, lunch.schedule = "lunch", schedule(pantry, "lunch", [[7, "12:00", "15:00"]])
        lunch.save()

    query = """query ($at: DateTime) { location(slug: "corner") {
        menus(servedAt: $at) { name schedule { isOpen } }
    } }"""
    await stocked(fill)

    async with both(store) as ask:
        every = await ask(query, at(9))
        early = await ask(query, at(9), at=at(9).isoformat())
        noon = await ask(query, at(9), at=at(10).isoformat())

    always = {"name": "None", "schedule": None}
    lunch = {"name": "lunch", "schedule": {"isOpen": False}}
    assert every.data["location"]["menus"] == [lunch, always]
    assert early.data["location"]["menus"] == [always]
    assert noon.data["location"]["menus"] == [lunch, always]


@pytest.mark.parametrize("locations", [1, 10, 100])
async def test_hours_are_a_constant_number_of_statements(store: str, locations: int) -> None:
    def fill(pantry: Pantry) -> None:
        for number in range(locations):
            hours = schedule(pantry, f"s{number}", [[7, "10:00", "18:00"]])
            pantry.location(f"place-{number}", schedule=hours)

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask(
            """query ($first: Int) { locations(first: $first) { nodes {
                opening { isOpen } hours { isOpen weekly { day } exceptions { on } }
            } } }""",
            at(9),
            first=locations,
        )

    assert [place["opening"]["isOpen"] for place in answer.data["locations"]["nodes"]] == [True] * locations
    assert answer.statements == 5


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("2026-03-29T12:00:00", "must carry its offset from UTC"),
        ("2026-03-29", "must carry its offset from UTC"),
        ("9999-12-31T23:59:59-14:00", "must be in the years 1900 to 2199"),
        ("noon", "DateTime"),
    ],
)
async def test_an_instant_that_is_none_is_refused(store: str, value: str, rule: str) -> None:
    async with asking(store) as ask:
        answer = await ask(
            'query ($at: DateTime) { location(slug: "corner") { opening(at: $at) { isOpen } } }', at=value
        )

    assert answer.data is None
    assert rule in answer.errors[0]
    assert value in answer.errors[0]
