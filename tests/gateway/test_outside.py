"""Warnings of loads outside a fetch: which resolvers they name, how often, and who stays quiet."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
import strawberry
import strawberry_django
import structlog
from aiodataloader import DataLoader
from asgiref.sync import sync_to_async
from django.db import connection
from strawberry.extensions import ParserCache
from strawberry.types import ExecutionResult

from catalog import models
from gateway.outside import LoadOutsideFetch, WarnsOfLoads, warn_of_loads
from loaders.context import OperationContext
from loaders.fetches import Fetch
from loaders.fetching import FetchAll
from loaders.fields import larder_type, resolved
from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.testing import assert_statements
from tests.pantry import Pantry, stocked


class SectionsByMenu(DataLoader[int, int]):
    async def batch_load_fn(self, keys: Sequence[int]) -> list[int]:
        found = [menu_id async for menu_id in models.Section.objects.filter(menu_id__in=keys).values_list("menu_id")]
        return [found.count((key,)) for key in keys]


@larder_type(models.Section)
class Section:
    name: strawberry.auto


@larder_type(models.Menu)
class Menu:
    name: strawberry.auto
    sections: list[Section]

    @strawberry.field
    async def by_coroutine(self: Any) -> int:
        return await models.Section.objects.filter(menu_id=self.id).acount()

    @strawberry_django.field
    def by_thread(self: Any) -> int:
        return models.Section.objects.filter(menu_id=self.id).count()

    @strawberry.field
    async def by_sql(self: Any) -> int:
        def count() -> int:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM larder_section WHERE menu_id = %s", [self.id])
                return int(cursor.fetchone()[0])

        return await sync_to_async(count)()

    @strawberry.field
    def by_queryset(self: Any) -> list[Section]:
        return models.Section.objects.filter(menu_id=self.id)  # type: ignore[return-value]

    @strawberry.field
    async def by_late_queryset(self: Any) -> list[Section]:
        return models.Section.objects.filter(menu_id__in=[self.id, 0])  # type: ignore[return-value]

    @strawberry.field
    async def by_loader(self: Any, info: strawberry.Info) -> int:
        loader = info.context.session.loaders.setdefault("mine", SectionsByMenu())
        return int(await loader.load(self.id))

    @strawberry.field
    def pure(self: Any) -> str:
        return f"{self.name}!"


MENUS = Fetch("menus", models.Menu, "id", None, many=True, build=lambda _: models.Menu.objects.order_by("id"))


@strawberry.type
class Query:
    menus: list[Menu] = resolved(FetchAll(MENUS), "Every menu.")


def new_schema() -> strawberry.Schema:
    schema = strawberry.Schema(Query)
    warn_of_loads(schema)
    return schema


async def answer(store: str, query: str, schema: strawberry.Schema | None = None) -> ExecutionResult:
    lanes = Lanes(store, count=1)
    await lanes.open()
    try:
        async with ReadSession(lanes) as session:
            return await (schema or new_schema()).execute(query, context_value=OperationContext(session))
    finally:
        await lanes.close()


def two_menus(pantry: Pantry) -> None:
    for slug in ("corner", "square"):
        pantry.section(pantry.menu(pantry.location(slug)), "Mains")


@pytest.mark.parametrize(
    ("field", "path", "sql"),
    [
        ("byCoroutine", "menus[].byCoroutine", 'SELECT COUNT(*) AS "__count" FROM "larder_section" WHERE'),
        ("byThread", "menus[].byThread", 'SELECT COUNT(*) AS "__count" FROM "larder_section" WHERE'),
        ("bySql", "menus[].bySql", "SELECT count(*) FROM larder_section WHERE menu_id = %s"),
        ("byQueryset { name }", "menus[].byQueryset", 'SELECT ... FROM "larder_section" WHERE'),
        ("byLateQueryset { name }", "menus[].byLateQueryset", 'SELECT ... FROM "larder_section" WHERE'),
        ("again: byCoroutine", "menus[].again", 'SELECT COUNT(*) AS "__count" FROM "larder_section" WHERE'),
    ],
)
async def test_one_warning_tells_field_and_statement_and_how_often(store: str, field: str, path: str, sql: str) -> None:
    await stocked(two_menus)

    with structlog.testing.capture_logs() as logged, pytest.warns(LoadOutsideFetch) as warned:
        result = await answer(store, f"{{ menus {{ {field} }} }}")

    assert result.errors is None
    [warning] = warned
    assert str(warning.message).startswith(f"{path} loaded outside a fetch, 2 times in one operation: {sql}")
    [line] = logged
    assert (line["log_level"], line["event"], line["path"], line["times"]) == (
        "warning",
        "load outside a fetch",
        path,
        2,
    )
    assert line["sql"].startswith(sql)


async def test_a_loader_of_djangos_rows_is_named_once_a_batch(store: str) -> None:
    await stocked(two_menus)

    with pytest.warns(LoadOutsideFetch, match=r"^menus\[\]\.byLoader loaded outside a fetch, once in") as warned:
        await answer(store, "{ menus { byLoader } }")

    assert len(warned) == 1


async def test_fields_are_warned_of_apart(store: str) -> None:
    await stocked(two_menus)

    with pytest.warns(LoadOutsideFetch) as warned:
        await answer(store, "{ menus { byCoroutine byThread sections { name } bySql } }")

    paths = {str(warning.message).partition(" ")[0] for warning in warned}
    assert paths == {"menus[].byCoroutine", "menus[].byThread", "menus[].bySql"}


async def test_every_operation_warns_again(store: str) -> None:
    await stocked(two_menus)
    schema = new_schema()

    for _ in range(2):
        with pytest.warns(LoadOutsideFetch, match="2 times"):
            await answer(store, "{ menus { byCoroutine } }", schema)


async def test_fetches_and_pure_resolvers_are_quiet(store: str) -> None:
    await stocked(two_menus)

    result = await answer(store, "{ menus { name pure sections { name } __typename } __schema { types { name } } }")

    assert result.errors is None
    assert result.data is not None
    assert [menu["pure"] for menu in result.data["menus"]] == ["None!", "None!"]


async def test_what_runs_beside_an_operation_is_quiet(store: str) -> None:
    await stocked(two_menus)

    await answer(store, "{ menus { pure } }")
    assert await models.Menu.objects.acount() == 2


async def test_answers_are_the_same_with_and_without(store: str) -> None:
    await stocked(two_menus)
    query = "{ menus { byCoroutine byThread bySql byQueryset { name } byLateQueryset { name } byLoader pure } }"

    with pytest.warns(LoadOutsideFetch):
        watched = await answer(store, query)
    plain = await answer(store, query, strawberry.Schema(Query))

    assert watched.data == plain.data
    assert watched.errors is plain.errors is None


async def test_turned_into_an_error_it_fails_the_operation(store: str) -> None:
    await stocked(two_menus)

    with warnings.catch_warnings():
        warnings.simplefilter("error", LoadOutsideFetch)
        result = await answer(store, "{ menus { byCoroutine } }")

    assert result.data is None
    [error] = result.errors or []
    assert isinstance(error.original_error, LoadOutsideFetch)


async def test_a_recording_names_the_field_too(store: str) -> None:
    await stocked(two_menus)

    with pytest.warns(LoadOutsideFetch), assert_statements(3) as recorded:
        await answer(store, "{ menus { byThread } }")

    assert [sent.paths for sent in recorded.statements if sent.outside] == [("menus[].byThread",)] * 2


def test_a_schema_executed_without_a_loop_is_watched_too(store: str) -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def sections(self) -> list[Section]:
            return models.Section.objects.all()  # type: ignore[return-value]

    schema = strawberry.Schema(Root)
    warn_of_loads(schema)
    connection.close()

    with pytest.warns(LoadOutsideFetch, match=r"^sections loaded outside a fetch, once in one operation"):
        result = schema.execute_sync("{ sections { name } }")

    assert result.data == {"sections": []}


def test_a_schema_warns_once_however_often_it_is_told_to() -> None:
    schema = strawberry.Schema(Query, extensions=[ParserCache])

    warn_of_loads(schema)
    warn_of_loads(schema)

    assert tuple(schema.extensions) == (ParserCache, WarnsOfLoads)


def test_plans_may_ignore_it() -> None:
    assert WarnsOfLoads.transparent is True
