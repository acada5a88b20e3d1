"""Recordings: which statements are sent, for which fields, for how many keys, and by whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import strawberry
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from graphql.pyutils import Path

from catalog import models
from loaders.context import OperationContext
from loaders.fetches import Fetch
from loaders.lanes import Lanes
from loaders.loader import FetchLoader, loader_for
from loaders.outside import shape, shortened
from loaders.recording import Sent, asked_by, is_recording, pattern, record, recording
from loaders.relations import relation_fetch
from loaders.session import ReadSession
from loaders.testing import ORM, assert_statements, table
from tests.pantry import Pantry, stocked

MENUS = Fetch(
    "menus",
    models.Menu,
    "id",
    None,
    many=True,
    build=lambda _: models.Menu.objects.order_by("id"),
)
SECTIONS = relation_fetch(models.Menu, "sections")


def sections_of(info: strawberry.Info) -> FetchLoader:
    return loader_for(info.context.session, SECTIONS, Section, ("name",), {})


@strawberry.type
class Section:
    name: str


@strawberry.type
class Menu:
    id: int

    @strawberry.field
    async def sections(self, info: strawberry.Info) -> list[Section]:
        sections: list[Section] = await sections_of(info).load(self.id, info)
        return sections

    @strawberry.field
    async def headings(self, info: strawberry.Info) -> int:
        return len(await sections_of(info).load(self.id, info))


@strawberry.type
class Query:
    @strawberry.field
    async def menus(self, info: strawberry.Info) -> list[Menu]:
        rows = await loader_for(info.context.session, MENUS, None, ("id",), {}).load("all", info)
        return [Menu(id=row.id) for row in rows]


schema = strawberry.Schema(Query)


@asynccontextmanager
async def lanes_to(store: str) -> AsyncIterator[Lanes]:
    lanes = Lanes(store, count=2)
    await lanes.open()
    yield lanes
    await lanes.close()


async def ask(lanes: Lanes, query: str) -> Any:
    async with ReadSession(lanes) as session:
        result = await schema.execute(query, context_value=OperationContext(session))
    assert result.errors is None
    return result.data


def three_menus(pantry: Pantry) -> None:
    location = pantry.location("corner")
    for channel in ("DINE_IN", "PICKUP", "DELIVERY"):
        menu = pantry.menu(location, None) if channel == "DINE_IN" else pantry.menu(pantry.location(channel.lower()))
        pantry.section(menu, "Mains")


async def test_a_statement_knows_its_fields_and_the_number_of_its_keys(store: str) -> None:
    await stocked(three_menus)

    async with lanes_to(store) as lanes:
        with recording() as recorded:
            await ask(lanes, "{ menus { sections { name } } }")

    menus, sections = recorded.statements
    assert (menus.paths, menus.keys, menus.outside) == (("menus",), None, False)
    assert (sections.paths, sections.keys, sections.outside) == (("menus[].sections",), 3, False)
    assert 'FROM "larder_section"' in sections.text


async def test_fields_that_share_a_statement_are_all_named(store: str) -> None:
    await stocked(three_menus)

    async with lanes_to(store) as lanes:
        with recording() as recorded:
            await ask(lanes, "{ menus { sections { name } headings again: headings } }")

    _, sections = recorded.statements
    assert sections.paths == ("menus[].sections", "menus[].headings", "menus[].again")
    assert sections.keys == 3


async def test_a_field_whose_rows_were_at_hand_is_not_named_by_a_later_statement(store: str) -> None:
    async with lanes_to(store) as lanes, ReadSession(lanes) as session:
        sections = loader_for(session, SECTIONS, None, ("name",), {})
        with recording() as recorded:
            await sections.load(1, Field("first"))
            await sections.load(1, Field("at_hand"))
            await sections.load(2, Field("second"))

    assert [sent.paths for sent in recorded.statements] == [("first",), ("second",)]


async def test_a_key_loaded_again_is_for_the_field_that_asks_again(store: str) -> None:
    async with lanes_to(store) as lanes, ReadSession(lanes) as session:
        sections = loader_for(session, SECTIONS, None, ("name",), {})
        with recording() as recorded:
            await sections.load(1, Field("first"))
            sections.clear(1)
            await sections.load(1, Field("again"))

    assert [sent.paths for sent in recorded.statements] == [("first",), ("again",)]


class Field:
    """As much of strawberry's info as a loader reads."""

    def __init__(self, name: str) -> None:
        self.path = Path(None, name, None)


async def test_clock_and_transactions_are_not_counted(store: str) -> None:
    async with lanes_to(store) as lanes:
        async with assert_statements(1):
            await ask(lanes, "{ menus { id } }")
        with assert_statements(0):
            async with ReadSession(lanes):
                pass

        def nothing() -> None:
            with transaction.atomic(), transaction.atomic():
                pass

        with assert_statements(0):
            await sync_to_async(nothing)()


async def test_sessions_side_by_side_are_counted_together(store: str) -> None:
    await stocked(three_menus)

    async with lanes_to(store) as lanes, assert_statements(4) as recorded:
        await asyncio.gather(*(ask(lanes, "{ menus { sections { name } } }") for _ in range(2)))

    assert sorted(sent.paths for sent in recorded.statements) == [("menus",)] * 2 + [("menus[].sections",)] * 2


async def test_nested_recordings_both_count(store: str) -> None:
    async with lanes_to(store) as lanes:
        with assert_statements(3) as outer:
            await ask(lanes, "{ menus { id } }")
            with assert_statements(2) as inner:
                await ask(lanes, "{ menus { id } }")
                await models.Menu.objects.acount()

    assert outer.statements[1:] == inner.statements


async def test_nothing_is_recorded_outside_the_block(store: str) -> None:
    async with lanes_to(store) as lanes:
        with recording() as recorded:
            assert is_recording()
        await ask(lanes, "{ menus { id } }")
        await models.Menu.objects.acount()

    assert not is_recording()
    assert recorded.statements == []


@pytest.mark.parametrize("thread", [True, False], ids=["django's thread", "a thread of its own"])
async def test_djangos_statements_are_marked_in_whatever_thread_they_run(store: str, thread: bool) -> None:
    def count() -> int:
        try:
            return models.Menu.objects.count()
        finally:
            if not thread:
                connections.close_all()

    with assert_statements(1) as recorded:
        await sync_to_async(count, thread_sensitive=thread)()

    [sent] = recorded.statements
    assert (sent.outside, sent.paths, sent.keys) == (True, (), None)


async def test_a_statement_is_counted_once_on_a_connection_that_was_opened_again(store: str) -> None:
    def again() -> None:
        models.Menu.objects.count()
        connections["default"].close()
        models.Menu.objects.count()

    with assert_statements(2):
        await sync_to_async(again)()


@pytest.mark.parametrize(
    ("sql", "counted"),
    [
        ("SELECT t.oid FROM pg_type t WHERE typname = 'hstore'", 0),
        ("SELECT count(*) FROM pg_catalog.pg_class", 0),
        ("SELECT 1 FROM larder_menu WHERE 1 IN (SELECT 1 FROM pg_class)", 1),
        ("SET statement_timeout = 1000", 0),
        ("TABLE larder_menu", 1),
    ],
)
def test_what_django_needs_for_itself_is_not_counted(store: str, sql: str, counted: int) -> None:
    connection = connections["default"].copy()

    with assert_statements(counted), closing(connection), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_wrapper_of_somebody_else_takes_none_of_ours_away(store: str) -> None:
    connection = connections["default"].copy()

    def count() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM larder_menu")

    with assert_statements(2), closing(connection):
        with connection.execute_wrapper(lambda execute, *arguments: execute(*arguments)):
            count()
        count()


def test_a_plan_records_its_statements_itself() -> None:
    with assert_statements(1) as recorded:
        record("SELECT 1", ["location.menus[].sections"], 7)

    assert recorded.statements == [Sent("SELECT 1", ("location.menus[].sections",), 7, outside=False)]


def test_statements_of_hand_written_code_get_the_fields_that_it_names() -> None:
    with recording() as recorded, asked_by(["shop"]):
        record("SELECT 1")
        with asked_by([]):
            record("SELECT 2")
        with asked_by(["shop.hours"]):
            record("SELECT 3")

    assert [sent.paths for sent in recorded.statements] == [("shop",), ("shop",), ("shop.hours",)]


async def test_the_failure_shows_every_statement(store: str) -> None:
    await stocked(three_menus)

    async def five_statements() -> None:
        async with lanes_to(store) as lanes:
            await ask(lanes, "{ menus { sections { name } headings } }")
        for _ in range(3):
            await models.Menu.objects.acount()

    with pytest.raises(AssertionError) as failure, assert_statements(2) as recorded:
        await five_statements()

    menus, sections, *counts = (shortened(sent.text) for sent in recorded.statements)
    assert len(set(counts)) == 1
    assert str(failure.value).splitlines() == [
        "expected 2 statements, sent 5",
        "",
        "times  by     keys  for               statement",
        f"1      fetch  -     menus             {menus}",
        f"1      fetch  3     menus[].sections  {sections}",
        "                    menus[].headings",
        f"3      ORM    -     ?                 {counts[0]}",
        "",
        ORM,
    ]


def test_statements_for_lists_of_any_length_share_a_line() -> None:
    with recording() as recorded:
        record("SELECT 1 WHERE 2 IN (%s)", ["shop"], 1)
        record("SELECT 1 WHERE 2 IN (%s, %s)", ["shop"], 2)
        record("SELECT 1 WHERE 2 IN (%s)", ["bar"], 4)

    assert table(recorded.statements).splitlines() == [
        "times  by     keys  for   statement",
        "2      fetch  3     shop  SELECT 1 WHERE 2 IN (%s)",
        "1      fetch  4     bar   SELECT 1 WHERE 2 IN (%s)",
    ]


def test_an_error_in_the_block_is_not_hidden_by_the_count() -> None:
    with pytest.raises(ValueError, match="boom"), assert_statements(3):
        raise ValueError("boom")


def test_shapes_are_equal_for_lists_of_any_length() -> None:
    assert (
        shape("SELECT a\n  FROM b WHERE c IN (%s, %s,%s) AND d = (%s)")
        == "SELECT a FROM b WHERE c IN (%s) AND d = (%s)"
    )


def test_a_long_statement_is_shortened() -> None:
    assert shortened('SELECT "a", "b" FROM c') == "SELECT ... FROM c"
    assert shortened("SELECT COUNT(*) FROM c") == "SELECT COUNT(*) FROM c"
    assert len(shortened("UPDATE " + "x" * 500)) == 140


def test_positions_are_no_part_of_a_path() -> None:
    path = None
    for key in ("location", "menus", 3, "sections", 0, 1, "name"):
        path = Path(path, key, None)

    assert pattern(path) == "location.menus[].sections[][].name"
