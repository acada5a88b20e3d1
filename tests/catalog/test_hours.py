"""The store's reading of hours, against its definition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.catalog.oracle import Timetable

BERLIN, NEW_YORK, CASABLANCA = "Europe/Berlin", "America/New_York", "Africa/Casablanca"
SAMOA, LORD_HOWE, NEPAL, SANTIAGO = "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"
ZONES = ("UTC", BERLIN, NEW_YORK, CASABLANCA, SAMOA, LORD_HOWE, NEPAL, SANTIAGO, "Asia/Gaza", "America/Havana")
EDGES = {
    BERLIN: (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    NEW_YORK: (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    CASABLANCA: (datetime(2026, 2, 15, 2, tzinfo=UTC), datetime(2026, 3, 22, 2, tzinfo=UTC)),
    SAMOA: (datetime(2011, 12, 30, 10, tzinfo=UTC),),
    LORD_HOWE: (datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    SANTIAGO: (datetime(2026, 4, 5, 3, tzinfo=UTC), datetime(2026, 9, 6, 4, tzinfo=UTC)),
}
"""Instants at which clocks are put forward or back: by an hour, by half an hour, at midnight, by a whole day."""

MIDNIGHT = time()
ALWAYS = tuple((day, MIDNIGHT, MIDNIGHT) for day in range(1, 8))
OPEN = "SELECT larder_schedule_open(%s, %s, %s, %s, %s, %s)"
NEXT = "SELECT larder_schedule_next(%s, %s, %s, %s, %s, %s)"


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        yield connection


def asked(connection: psycopg.Connection[Any], statement: str, hours: Timetable, at: datetime) -> Any:
    weekly, dated, *rest = hours.arguments()
    row = connection.execute(statement, [Jsonb(weekly), Jsonb(dated), *rest, at]).fetchone()
    assert row is not None
    return row[0]


clock = st.one_of(
    st.sampled_from([MIDNIGHT, time(2), time(2, 30), time(3), time(1, 30), time(23, 30)]),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59])),
)
interval = st.tuples(clock, clock)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Timetable, datetime]:
    """A timetable and an instant: close to where its zone's clocks are put, to its own days, or to one of its hours."""
    zone = draw(st.sampled_from(ZONES))
    edge = draw(st.sampled_from(EDGES.get(zone, (datetime(2026, 5, 31, 12, tzinfo=UTC),))))
    weekly = draw(st.lists(st.tuples(st.integers(1, 7), clock, clock), max_size=8) | st.just(list(ALWAYS)))
    today = edge.date() + timedelta(days=draw(st.integers(-4, 3)))
    near = st.integers(-2, 2).map(lambda days: today + timedelta(days=days))
    first, last = draw(st.none() | near), draw(st.none() | near)
    if first and last and first > last:
        first, last = last, first
    dated = draw(st.dictionaries(near, st.lists(interval, max_size=2).map(tuple), max_size=3))
    bounds = [bound for _, *bounds in weekly for bound in bounds]
    wall = draw(st.sampled_from(bounds) if bounds else clock) if draw(st.booleans()) else draw(clock)
    local = datetime.combine(today, wall, ZoneInfo(zone)).replace(fold=draw(st.integers(0, 1)))
    aside = draw(st.sampled_from([0, 0, 1, -1, 59, 1800, -1800, 3600]))
    return Timetable(zone, tuple(weekly), tuple(dated.items()), first, last), local.astimezone(UTC) + timedelta(
        seconds=aside
    )


WITHIN = timedelta(days=9)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
@example(case=(Timetable(BERLIN, ((7, time(2, 30), time(10)),)), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)))
@example(case=(Timetable(BERLIN, ((7, time(2, 15), time(2, 45)),)), datetime(2026, 3, 22, 12, tzinfo=UTC)))
@example(case=(Timetable(BERLIN, ((7, time(1), time(2, 30)),)), datetime(2026, 10, 25, 0, 29, tzinfo=UTC)))
@example(case=(Timetable(SAMOA, ((5, MIDNIGHT, MIDNIGHT),)), datetime(2011, 12, 30, 9, tzinfo=UTC)))
@example(case=(Timetable(BERLIN, ALWAYS), datetime(2026, 10, 24, 12, tzinfo=UTC)))
@example(case=(Timetable(BERLIN, ALWAYS, ((date(2026, 5, 31), ()),)), datetime(2026, 5, 25, tzinfo=UTC)))
def test_the_store_reads_hours_as_they_are_defined(
    connection: psycopg.Connection[Any], case: tuple[Timetable, datetime]
) -> None:
    hours, at = case

    expected = hours.next_change(at, WITHIN)
    told = asked(connection, NEXT, hours, at)

    assert asked(connection, OPEN, hours, at) is hours.is_open(at)
    if expected is None:
        assert told is None or told > at + WITHIN
    else:
        assert told == expected


@settings(max_examples=60, deadline=None)
@given(case=cases(), minute=st.integers(-3 * 1440, 3 * 1440))
def test_every_minute_is_open_or_not(
    connection: psycopg.Connection[Any], case: tuple[Timetable, datetime], minute: int
) -> None:
    hours, at = case[0], case[1] + timedelta(minutes=minute)

    assert asked(connection, OPEN, hours, at) is hours.is_open(at)


MAY = date(2026, 5, 5)
"""A Tuesday, far from any change of clocks in Berlin; on the last Sunday of October they go back."""

NIGHTLY = tuple((day, time(22), time(2)) for day in range(1, 8))
AUTUMN = date(2026, 10, 24)


@pytest.mark.parametrize(
    ("hours", "local", "opens", "changes"),
    [
        (Timetable(BERLIN, NIGHTLY), "2026-05-05 22:00", True, "2026-05-06 02:00"),
        (Timetable(BERLIN, NIGHTLY), "2026-05-05 02:00", False, "2026-05-05 22:00"),
        (Timetable(BERLIN, NIGHTLY, first_day=MAY), "2026-05-05 01:00", False, "2026-05-05 22:00"),
        (Timetable(BERLIN, NIGHTLY, last_day=MAY), "2026-05-05 23:00", True, "2026-05-06 00:00"),
        (Timetable(BERLIN, NIGHTLY, last_day=AUTUMN), "2026-10-24 23:00", True, "2026-10-25 00:00"),
        (Timetable(BERLIN, NIGHTLY, last_day=MAY), "2026-05-06 00:00", False, None),
        (Timetable(BERLIN, NIGHTLY, ((MAY, ()),)), "2026-05-05 01:00", True, "2026-05-05 02:00"),
        (Timetable(BERLIN, NIGHTLY, ((MAY, ()),)), "2026-05-06 01:00", False, "2026-05-06 22:00"),
        (
            Timetable(BERLIN, ((2, time(8), time(9)),), ((MAY, ((time(23), time(3)),)),)),
            "2026-05-06 02:59",
            True,
            "2026-05-06 03:00",
        ),
    ],
)
def test_hours_belong_to_the_date_on_which_they_start(
    connection: psycopg.Connection[Any], hours: Timetable, local: str, opens: bool, changes: str | None
) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(BERLIN))
    expected = changes and datetime.fromisoformat(changes).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)

    assert asked(connection, OPEN, hours, at) is hours.is_open(at) is opens
    assert asked(connection, NEXT, hours, at) == expected


def test_changes_far_away_are_found(connection: psycopg.Connection[Any]) -> None:
    christmas = Timetable(BERLIN, ALWAYS, ((date(2026, 12, 25), ()), (date(2026, 12, 26), ())))
    season = Timetable(BERLIN, ((6, time(10), time(18)),), first_day=date(2028, 4, 1), last_day=date(2028, 4, 8))
    at = datetime(2026, 5, 1, tzinfo=UTC)

    assert asked(connection, NEXT, christmas, at) == datetime(2026, 12, 24, 23, tzinfo=UTC)
    assert asked(connection, NEXT, christmas, datetime(2026, 12, 25, tzinfo=UTC)) == datetime(
        2026, 12, 26, 23, tzinfo=UTC
    )
    assert asked(connection, NEXT, season, at) == datetime(2028, 4, 1, 8, tzinfo=UTC)


def test_a_week_that_the_clock_skips_is_followed_by_another(connection: psycopg.Connection[Any]) -> None:
    at_night = Timetable(BERLIN, ((7, time(2, 15), time(2, 45)),))

    assert asked(connection, NEXT, at_night, datetime(2026, 3, 22, 12, tzinfo=UTC)) == datetime(
        2026, 4, 5, 0, 15, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "hours",
    [
        Timetable(BERLIN, ALWAYS),
        Timetable(BERLIN),
        Timetable(BERLIN, ((1, time(9), time(12)),), last_day=date(2026, 4, 30)),
        Timetable(BERLIN, (), ((date(2026, 4, 30), ((time(9), time(12)),)),)),
        Timetable(BERLIN, ((1, time(9), time(12)),), first_day=date(9999, 12, 31)),
    ],
)
def test_what_never_changes_says_so(connection: psycopg.Connection[Any], hours: Timetable) -> None:
    assert asked(connection, NEXT, hours, datetime(2026, 5, 1, tzinfo=UTC)) is None


def test_the_seam_of_adjacent_hours_is_no_change(connection: psycopg.Connection[Any]) -> None:
    hours = Timetable("UTC", ((1, time(9), time(12)), (1, time(12), MIDNIGHT), (2, MIDNIGHT, time(1, 30))))

    assert asked(connection, NEXT, hours, datetime(2026, 6, 1, 10, tzinfo=UTC)) == datetime(
        2026, 6, 2, 1, 30, tzinfo=UTC
    )


def test_an_unknown_zone_cannot_be_stored(connection: psycopg.Connection[Any]) -> None:
    row = (
        "INSERT INTO larder_schedule (external_id, node_id, scope, content_hash, source, timezone, weekly, exceptions)"
    )

    with pytest.raises(psycopg.errors.InvalidParameterValue, match="Europe/Nowhere"):
        connection.execute(
            f"{row} VALUES ('a', gen_random_uuid(), '', gen_random_uuid(), 'x', 'Europe/Nowhere', '[]', '[]')"
        )
