"""The benchmark itself: its data, its contestants' equal answers, its measuring. Small, on the tests' own store."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from rich.console import Console

from benchmarks.checks import DifferentBytes, HollowAnswer, check_equal_bytes, check_full
from benchmarks.contestants.contestant import Contestant
from benchmarks.contestants.registry import CONTESTANTS, REFERENCE, contestants
from benchmarks.data import (
    ChangedData,
    ForeignData,
    Occupied,
    Shape,
    check_unchanged,
    fill,
    long_slug,
    occupied,
    storefront_slug,
)
from benchmarks.growth import growth_of
from benchmarks.measure import percentile
from benchmarks.operations import LISTING, LONG_LIST, OPERATIONS, PRICE_CHECK, STOREFRONT, Operation, Variables, draws
from benchmarks.report import report
from benchmarks.run import Extent, run
from loaders.nodes import encode_id

SHAPE = Shape(locations=60, long=(60, 120))


@pytest.fixture
def filled(store: str) -> str:
    assert fill(store, SHAPE)
    return store


@pytest.fixture
async def everyone(filled: str) -> AsyncIterator[dict[str, Contestant]]:
    found, absent = contestants(CONTESTANTS, filled, connections=2)
    async with AsyncExitStack() as stack:
        for contestant in found.values():
            await contestant.open()
            stack.push_async_callback(contestant.close)
        assert set(absent) <= {"limit asyncpg"}
        yield found


async def test_every_contestant_gives_the_same_bytes(filled: str, everyone: dict[str, Contestant]) -> None:
    luck, drawn = random.Random(5), draws(filled, SHAPE)  # noqa: S311 - the same draws every time

    for key, operation in OPERATIONS.items():
        wanted = [drawn[key](luck) for _ in range(12)]
        compared = await check_equal_bytes(everyone, operation, wanted)
        assert compared == 12 * (len(everyone) - 1)
        for variables in wanted:
            check_full(operation, variables, await everyone[REFERENCE].answer(operation, variables))


async def test_they_also_agree_on_what_is_not_there(everyone: dict[str, Contestant]) -> None:
    strange = ["x", encode_id("Menu", "y"), encode_id("Item", "00000000-0000-0000-0000-000000000000")]
    no_page = {"edges": [], "pageInfo": {"hasNextPage": True}}
    asked: list[tuple[Operation, Variables, dict[str, Any]]] = [
        (STOREFRONT, {"slug": "nowhere"}, {"location": None}),
        (LONG_LIST, {"slug": "nowhere"}, {"location": None}),
        (PRICE_CHECK, {"ids": strange}, {"items": [None] * 3}),
        (LISTING, {"first": 0, "after": None}, {"locations": no_page}),
    ]

    for operation, variables, answer in asked:
        await check_equal_bytes(everyone, operation, [variables])
        assert orjson.loads(await everyone[REFERENCE].answer(operation, variables)) == {"data": answer}


async def test_a_page_is_full_and_varied(everyone: dict[str, Contestant]) -> None:
    body = orjson.loads(await everyone[REFERENCE].answer(STOREFRONT, {"slug": storefront_slug(7)}))

    [menu] = body["data"]["location"]["menus"]
    items = [item for section in menu["sections"] for item in section["items"]]
    assert [len(section["items"]) for section in menu["sections"]] == [20, 20, 20, 20]
    assert {len(item["prices"]) for item in items} == {2}
    assert {item["availability"]["state"] for item in items} >= {"AVAILABLE", "SOLD_OUT", "UNKNOWN"}
    assert any(price["perUnit"] for item in items for price in item["prices"])


async def test_no_contestant_sends_more_statements_for_a_longer_list(everyone: dict[str, Contestant]) -> None:
    for contestant in everyone.values():
        counts = []
        for size in SHAPE.long:
            sent = contestant.statements
            await contestant.answer(LONG_LIST, {"slug": long_slug(size)})
            counts.append(contestant.statements - sent)
        assert counts[0] == counts[1] <= 5


async def test_a_difference_is_named_before_anything_is_measured() -> None:
    class Fixed:
        statements = 0

        def __init__(self, body: bytes) -> None:
            self.body = body

        async def open(self) -> None: ...

        async def close(self) -> None: ...

        async def answer(self, operation: Operation, variables: Variables) -> bytes:
            return self.body

    one, other = Fixed(b'{"data":{"a":1}}'), Fixed(b'{"data":{"a":2}}')

    with pytest.raises(DifferentBytes, match="one and other differ: at byte 13"):
        await check_equal_bytes({"one": one, "other": other}, STOREFRONT, [{"slug": "a"}])
    with pytest.raises(DifferentBytes, match="at byte 16"):
        await check_equal_bytes({"one": one, "other": Fixed(one.body + b" ")}, STOREFRONT, [{"slug": "a"}])


async def test_answers_that_are_equally_empty_do_not_count(everyone: dict[str, Contestant]) -> None:
    variables = {"slug": storefront_slug(61)}
    await check_equal_bytes(everyone, STOREFRONT, [variables])
    empty = await everyone[REFERENCE].answer(STOREFRONT, variables)

    with pytest.raises(HollowAnswer, match="0 objects instead of 86"):
        check_full(STOREFRONT, variables, empty)


def test_one_benchmark_at_a_time(store: str) -> None:
    with occupied(store), pytest.raises(Occupied), occupied(store):
        pass

    with occupied(store):
        pass


def test_data_that_changed_during_a_run_are_noticed(filled: str) -> None:
    check_unchanged(filled, SHAPE)

    with pytest.raises(ChangedData, match="labelled"):
        check_unchanged(filled, replace(SHAPE, locations=61))
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute("TRUNCATE larder_item CASCADE")
    with pytest.raises(ChangedData, match="0 items instead of 4980"):
        check_unchanged(filled, SHAPE)


def structure(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(
        """
        SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text LIKE 'larder%'
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid::regclass::text LIKE 'larder%' ORDER BY 1
        """
    ).fetchall()


def digest(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(
        "SELECT (SELECT md5(string_agg(name || node_id, '' ORDER BY id)) FROM larder_item),"
        " (SELECT md5(string_agg(id || coalesce(amount::text, '-'), '' ORDER BY id)) FROM larder_offer)"
    ).fetchall()


def test_filling_is_repeatable_and_leaves_the_tables_as_they_were(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        before = structure(connection)

        assert fill(store, SHAPE)
        first = digest(connection)

        assert not fill(store, SHAPE)
        assert fill(store, replace(SHAPE, seed=8))
        assert digest(connection) != first
        assert fill(store, SHAPE)
        assert digest(connection) == first
        assert structure(connection) == before
        [[items]] = connection.execute("SELECT count(*) FROM larder_item").fetchall()
        assert items == SHAPE.items == 60 * 80 + 180


def test_rows_of_others_are_never_deleted(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("INSERT INTO larder_source VALUES ('mensa', 'eat_api', '')")

        with pytest.raises(ForeignData):
            fill(store, SHAPE)

        assert connection.execute("SELECT name FROM larder_source").fetchall() == [("mensa",)]


def test_percentile_and_slope() -> None:
    assert percentile([5.0, *range(1, 100)], 0.99) == 99
    assert percentile([3.0], 0.99) == 3

    growth = growth_of("x", {1000: [(0.010, 0.001)] * 3, 3000: [(0.050, 0.002)] * 3})

    assert [size for size, _, _ in growth.points] == [1000, 3000]
    assert [wall for _, wall, _ in growth.points] == pytest.approx([10, 50])
    assert [cpu for _, _, cpu in growth.points] == pytest.approx([1, 2])
    assert growth.slope == pytest.approx(20)


@pytest.mark.slow
async def test_a_whole_run(filled: str, tmp_path: Path) -> None:
    pytest.importorskip("asyncpg")
    plot = pytest.importorskip("benchmarks.plot", exc_type=ImportError)
    extent = Extent(rounds=2, requests=2, at_once=3, checked=2, distinct=3, connections=2)
    said: list[str] = []
    printed = StringIO()

    results = await run(filled, SHAPE, list(OPERATIONS), list(CONTESTANTS), extent, said.append)
    report(results, Console(file=printed, width=160))
    results.write(tmp_path / "results.json")
    plot.draw(results, tmp_path / "results.svg")

    assert results.absent == {}
    assert [len(results.of(key, 1)) for key in OPERATIONS] == [len(CONTESTANTS)] * 4
    assert [len(results.of(key, 3)) for key in OPERATIONS] == [len(CONTESTANTS)] * 3 + [0]
    assert {found.statements for found in results.of("A", 1)} == {6, 7}
    assert {growth.contestant for growth in results.growth} == set(CONTESTANTS)
    assert all(burden.peak_bytes > 10_000 for burden in results.burdens)
    assert results.compiling is not None
    assert results.compiling.remembered >= 3
    assert len(orjson.loads((tmp_path / "results.json").read_bytes())["measurements"]) == len(results.measurements)
    assert (tmp_path / "results.svg").read_text().startswith("<?xml")
    assert all(name in printed.getvalue() for name in CONTESTANTS)
