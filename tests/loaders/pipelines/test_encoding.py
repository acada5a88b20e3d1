"""Calls from Django's text: the same rows as psycopg's own binding gives on the lanes of the resolver path."""

from __future__ import annotations

import enum
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import psycopg
import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from loaders.errors import DeclarationError
from loaders.lanes import Lanes
from loaders.params import INSTANT, Param, cast_type
from loaders.pipelines.encoding import prepare
from loaders.pipelines.lanes import PipelineLanes
from loaders.statement import Statement
from tests.loaders.pipelines.calling import loaded


class Channel(enum.Enum):
    DINE_IN = "DINE_IN"


class Size(models.TextChoices):
    LARGE = "LARGE"


class Place(enum.IntEnum):
    FIRST = 1


def of(name: str, kind: Field[Any, Any]) -> tuple[str, Param]:
    """The place of a parameter as Django writes it, and the parameter."""
    from django.db import connection  # noqa: PLC0415 - after the settings are there

    return f"%s::{cast_type(kind, connection)}", Param(name, kind)


def statement(kind: Field[Any, Any], expression: str = "{}") -> Statement:
    place, param = of("value", kind)
    return Statement(f"SELECT {expression.format(place)}", (param,), ("value",))


BIG, INT, SMALL = models.BigIntegerField(), models.IntegerField(), models.SmallIntegerField()
TEXT, UUID = models.CharField(max_length=3), models.UUIDField()
FIELDS: dict[str, Field[Any, Any]] = {
    "bigint": BIG,
    "integer": INT,
    "smallint": SMALL,
    "text": TEXT,
    "uuid": UUID,
    "boolean": models.BooleanField(),
    "date": models.DateField(),
    "timestamptz": models.DateTimeField(),
    "time": models.TimeField(),
    "interval": models.DurationField(),
    "float": models.FloatField(),
    "numeric": models.DecimalField(max_digits=15, decimal_places=4),
    "jsonb": models.JSONField(),
    "bytea": models.BinaryField(),
    "inet": models.GenericIPAddressField(),
}
FIELDS |= {f"{name}[]": ArrayField(kind) for name, kind in FIELDS.items() if name != "bytea"}

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "text": texts,
    "uuid": st.uuids() | st.uuids().map(str),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamptz": st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - the zones are beside it
        datetime(9999, 12, 30),  # noqa: DTZ001 - the zones are beside it
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]),
    ),
    "time": st.times(),
    "interval": st.timedeltas(timedelta(-100_000), timedelta(100_000)),
    "float": st.floats(),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**30), max_value=10**30)
    | st.sampled_from([Decimal("NaN"), Decimal("Infinity"), 0, 10**40]),
    "jsonb": st.recursive(
        st.none() | st.booleans() | st.integers() | texts, lambda each: st.lists(each) | st.dictionaries(texts, each)
    ).map(Jsonb),
    "bytea": st.binary(),
    "inet": st.ip_addresses(),
}
VALUES |= {
    f"{name}[]": st.lists(st.none() | each, max_size=100)
    for name, each in list(VALUES.items())
    if name not in {"bytea", "numeric", "uuid"}
}
VALUES |= {
    "uuid[]": st.lists(st.none() | st.uuids(), max_size=100),
    "numeric[]": st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**9)),
}


@pytest.fixture
async def both(database_url: str) -> AsyncIterator[tuple[PipelineLanes, Lanes]]:
    """Lanes of this kind, and lanes of the resolver path."""
    here, there = PipelineLanes(database_url, count=1), Lanes(database_url, count=1)
    await here.open()
    await there.open()
    yield here, there
    await here.close()
    await there.close()


async def answers(both: tuple[PipelineLanes, Lanes], asked: Statement, **values: Any) -> tuple[Any, Any]:
    """The rows of the statement here and there."""
    here, there = both
    call = prepare(asked).call(values)
    [rows] = loaded(await here.run(lambda: [call]))
    async with there.lane() as connection:
        cursor = await connection.cursor(binary=True).execute(asked.text, asked.arguments({INSTANT: None, **values}))
        return rows, await cursor.fetchall()


@pytest.mark.parametrize("kind", VALUES)
async def test_values_of_every_type_arrive_as_psycopg_would_send_them(
    both: tuple[PipelineLanes, Lanes], kind: str
) -> None:
    found: list[Any] = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.none() | VALUES[kind])
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    for each in found:
        for expression in ("{}", "({})::text"):
            here, there = await answers(both, statement(FIELDS[kind], expression), value=each)
            assert repr(here) == repr(there)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "quote ' double \" backslash \\ percent % dollar $1 🍲"),
        ("text", ""),
        ("text[]", ["", "NULL", "null", '"', "\\", "{}", ",", " a ", "🍲", None]),
        ("text[]", []),
        ("text[]", [None]),
        ("bigint[]", []),
        ("bigint[]", list(range(-500, 500))),
        ("bigint[]", [None, 1]),
        ("bigint", "17"),
        ("integer[]", "{1,2}"),
        ("float", float("nan")),
        ("float", float("-inf")),
        ("float", 3),
        ("numeric", Decimal("1E+20")),
        ("inet", IPv4Address("10.0.0.1")),
        ("inet", IPv6Address("::1")),
        ("text", Channel.DINE_IN),
        ("text", Size.LARGE),
        ("text[]", [Channel.DINE_IN, Size.LARGE, "x"]),
        ("integer", Place.FIRST),
        ("jsonb", Jsonb({"a": ["'", '"', "\\", None, 1.5]})),
        ("timestamptz", datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=UTC)),
        ("date", date(1, 1, 1)),
        ("time", time(23, 59, 59, 999999)),
        ("interval", timedelta(days=-1, microseconds=1)),
        ("uuid", uuid.UUID(int=0)),
    ],
)
async def test_values_that_are_easily_sent_wrong(both: tuple[PipelineLanes, Lanes], kind: str, value: Any) -> None:
    for expression in ("{}", "({})::text"):
        here, there = await answers(both, statement(FIELDS[kind], expression), value=value)
        assert repr(here) == repr(there)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bigint", 2**63),
        ("bigint", -(2**63) - 1),
        ("integer", 2**31),
        ("integer[]", [1, 2**31]),
        ("bigint[]", [2**63]),
        ("text", "NUL \0"),
        ("text[]", ["NUL \0"]),
        ("text", "lone \ud800 surrogate"),
        ("text", 5),
        ("text[]", [5]),
        ("text[]", "not a list"[:0] or [["nested"]]),
        ("bigint", True),
        ("bigint[]", [True]),
        ("bigint", 1.5),
        ("bigint[]", [1.5]),
        ("bigint[]", 5),
        ("boolean", 1),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("timestamptz", datetime(2026, 1, 1)),  # noqa: DTZ001 - it has no zone on purpose
        ("timestamptz", date(2026, 1, 1)),
        ("time", time(1, tzinfo=UTC)),
        ("numeric", 1.5),
        ("smallint", 1.5),
        ("float", Decimal(1)),
        ("jsonb", {"plain": "dict"}),
        ("interval", 5),
    ],
)
def test_values_that_the_type_does_not_hold_are_refused_at_once(kind: str, value: Any) -> None:
    with pytest.raises(psycopg.DataError):
        prepare(statement(FIELDS[kind])).call({"value": value})


@pytest.mark.parametrize(
    ("kind", "value"),
    [("smallint", 2**15), ("uuid", "no uuid"), ("bigint", "12x"), ("numeric", "many"), ("float", "x")],
)
async def test_values_that_only_the_store_can_judge_are_refused_there(
    both: tuple[PipelineLanes, Lanes], kind: str, value: Any
) -> None:
    with pytest.raises(psycopg.DataError):
        await answers(both, statement(FIELDS[kind]), value=value)


async def test_literals_keep_the_types_that_psycopg_gives_them(both: tuple[PipelineLanes, Lanes]) -> None:
    typed = (1, 70_000, 2**40, 2**70, True, 1.5, Decimal("1.50"), date(2026, 1, 1), [1, 2], Jsonb([1]))
    untyped = ("text", ["a", "b"], None)
    columns = ["%s"] * len(untyped + typed) + ["pg_typeof(%s)::text"] * len(typed)

    here, there = await answers(both, Statement(f"SELECT {', '.join(columns)}", (*untyped, *typed, *typed), ()))
    assert here == there


async def test_percent_signs_and_repeated_parameters(both: tuple[PipelineLanes, Lanes]) -> None:
    place, param = of("a.b", TEXT)
    other_place, other = of("number", INT)
    asked = Statement(
        f"SELECT {place}, '100%%', 10 %% 4, %s, {other_place}, {place}, 'x' LIKE '%%x', {other_place}",
        (param, 7, other, Param("a.b", models.CharField(max_length=9)), other),
        (),
    )

    prepared = prepare(asked)
    assert [place.name for place in prepared.places] == ["a.b", "number"]
    assert b"$3" in prepared.statement.sql
    assert b"$4" not in prepared.statement.sql
    here, there = await answers(both, asked, **{"a.b": "%s $1", "number": 3})
    assert here == there == [("%s $1", "100%", 2, 7, 3, "%s $1", True, 3)]


async def test_without_an_instant_the_transactions_clock_is_now(both: tuple[PipelineLanes, Lanes]) -> None:
    place, param = of(INSTANT, models.DateTimeField())
    call = prepare(Statement(f"SELECT {place}, transaction_timestamp()", (param,), ()))
    told = datetime(2020, 1, 1, tzinfo=UTC)

    [[(own, clock)]] = loaded(await both[0].run(lambda: [call.call({INSTANT: None})]))
    [[(given_, _)]] = loaded(await both[0].run(lambda: [call.call({INSTANT: told})]))
    [[(absent, again)]] = loaded(await both[0].run(lambda: [call.call({})]))

    assert own == clock
    assert given_ == told
    assert absent == again


def test_the_same_statement_has_the_same_name_and_another_another() -> None:
    first, again = prepare(statement(BIG)), prepare(statement(models.BigIntegerField()))

    assert first.statement.name == again.statement.name
    assert first.statement.name != prepare(statement(INT)).statement.name
    assert len(first.statement.name) < 64


@pytest.mark.parametrize(
    ("text", "binds"), [("SELECT %s", ()), ("SELECT 1", (1,)), ("SELECT %d", (1,)), ("SELECT 1 %", ()), ("%(a)s", (1,))]
)
def test_text_and_values_that_do_not_fit_are_refused(text: str, binds: tuple[Any, ...]) -> None:
    with pytest.raises(DeclarationError):
        prepare(Statement(text, binds, ()))


def test_a_missing_value_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError, match="value"):
        prepare(statement(BIG)).call({})
