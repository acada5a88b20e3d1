"""A pipeline is one read-only snapshot, in UTC, whichever driver and whatever is between it and the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from loaders.pipelines.lanes import PipelineLanes
from tests.loaders.pipelines.calling import ask, call, loaded, value

NOW = call("SELECT transaction_timestamp()")
COUNT = call("SELECT count(*) FROM lane_test")
PAUSE = call("SELECT 1 FROM pg_sleep(0.3)")


async def test_the_rows_of_each_call_come_in_order(either: PipelineLanes) -> None:
    found = await ask(
        either, call("SELECT $1::int, 'a'", "1"), call("SELECT 1 WHERE false"), call("SELECT generate_series(1, 3)")
    )

    assert found == [[(1, "a")], [], [(1,), (2,), (3,)]]


async def test_no_calls_have_no_rows(either: PipelineLanes) -> None:
    assert await ask(either) == []


async def test_a_commit_between_two_statements_stays_unseen(either: PipelineLanes, writer: psycopg.Connection) -> None:
    reading = asyncio.create_task(ask(either, COUNT, PAUSE, COUNT))
    await asyncio.sleep(0.15)
    await asyncio.to_thread(writer.execute, "INSERT INTO lane_test VALUES (1, 'meanwhile')")

    assert await reading == [[(0,)], [(1,)], [(0,)]]
    assert await ask(either, COUNT) == [[(1,)]]


async def test_all_statements_have_one_instant_and_the_next_pipeline_another(either: PipelineLanes) -> None:
    [first, _, second] = await ask(either, NOW, PAUSE, NOW)
    [later] = await ask(either, NOW)

    assert first == second
    assert later > first


async def test_nothing_can_be_written(either: PipelineLanes, writer: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await ask(either, call("INSERT INTO lane_test VALUES (1, 'x') RETURNING 1"))

    assert await ask(either, COUNT) == [[(0,)]]


@pytest.fixture
def in_tokyo(writer: psycopg.Connection) -> Iterator[None]:
    """The database's own time zone is far from UTC."""
    [(database,)] = writer.execute("SELECT current_database()")
    writer.execute(f"ALTER DATABASE {database} SET timezone = 'Asia/Tokyo'")
    yield
    writer.execute(f"ALTER DATABASE {database} RESET timezone")


async def test_the_session_is_in_utc_whatever_the_database_says(in_tokyo: None, either: PipelineLanes) -> None:
    for _ in range(4):
        [[(zone, day, instant)]] = await ask(
            either,
            call("SELECT current_setting('timezone'), '2026-01-01 20:00+00'::timestamptz::date::text, now()"),
        )

        assert (zone, day) == ("UTC", "2026-01-01")
        assert instant.tzname() == "UTC"


async def test_the_session_is_set_for_reading_fast(lanes: PipelineLanes) -> None:
    assert await value(lanes, "SELECT current_setting('plan_cache_mode')") == "force_generic_plan"
    assert await value(lanes, "SELECT current_setting('application_name')") == "larder plan lane"


async def test_the_addresses_own_options_are_kept(opened: object, database_url: str) -> None:
    lanes = await opened(f"{database_url}&options=-csearch_path%3Dpg_catalog")  # type: ignore[operator]

    assert await value(lanes, "SELECT current_setting('search_path')") == "pg_catalog"
    assert await value(lanes, "SELECT current_setting('transaction_isolation')") == "repeatable read"


async def test_a_held_snapshot_can_be_shared_and_ends_with_its_context(
    either: PipelineLanes, writer: psycopg.Connection, database_url: str
) -> None:
    async with either.hold(lambda: [COUNT]) as (rows, snapshot):
        assert loaded(rows) == [[(0,)]]
        await asyncio.to_thread(writer.execute, "INSERT INTO lane_test VALUES (1, 'meanwhile')")
        async with await psycopg.AsyncConnection.connect(database_url) as other:
            await other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await other.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            shared = await (await other.execute("SELECT count(*) FROM lane_test")).fetchone()

    assert shared == (0,)
    assert await ask(either, COUNT) == [[(1,)]]
    await none_open(writer)


@pytest.mark.parametrize("wrong", ["SELECT 1 / 0", "SELECT no_column"])
async def test_what_fails_in_a_held_snapshot_ends_it(
    either: PipelineLanes, writer: psycopg.Connection, wrong: str
) -> None:
    with pytest.raises((psycopg.DataError, psycopg.ProgrammingError)):
        async with either.hold(lambda: [COUNT, call(wrong)]):
            pytest.fail("not reached")
    with pytest.raises(RuntimeError, match="the caller's"):
        async with either.hold(lambda: [COUNT]):
            raise RuntimeError("the caller's")

    for _ in range(4):
        assert await ask(either, COUNT) == [[(0,)]]
    await none_open(writer)


async def none_open(writer: psycopg.Connection) -> None:
    await asyncio.sleep(0.05)
    held = writer.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'").fetchone()
    assert held == (0,)
