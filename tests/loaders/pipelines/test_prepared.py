"""Prepared statements: known once, forgotten when the schema moves or somebody else discards them."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from loaders.pipelines.connecting import Address
from loaders.pipelines.lanes import Driver, PipelineLanes
from loaders.pipelines.pq_lane import PqLane
from loaders.pipelines.rows import Decoders
from tests.loaders.pipelines.calling import ask, call, loaded

ALL = call("SELECT * FROM lane_test ORDER BY id")
NAMES = call("SELECT name FROM lane_test ORDER BY id")
COUNT = call("SELECT count(*) FROM lane_test")
KNOWN = call("SELECT count(*) FROM pg_prepared_statements")


async def test_a_statement_is_prepared_once(opened: Any, driver: Driver) -> None:
    lanes = await opened(count=1)
    for _ in range(3):
        await ask(lanes, call("SELECT 1"), call("SELECT 1"), call("SELECT $1::int", "1"), call("SELECT $1::int", None))

    assert await ask(lanes, KNOWN) == [[(3,)]]


async def test_nothing_is_prepared_through_a_pooler(opened: Any, pooler: str, writer: psycopg.Connection) -> None:
    lanes = await opened(pooler, count=1, pooled=True)
    for _ in range(3):
        await ask(lanes, call("SELECT 1"), call("SELECT $1::int", "1"))

    assert await ask(lanes, KNOWN) == [[(0,)]]


@pytest.mark.parametrize("discard", ["DISCARD ALL", "DEALLOCATE ALL"])
async def test_discarded_statements_are_prepared_again(opened: Any, writer: psycopg.Connection, discard: str) -> None:
    lanes = await opened(count=1)
    writer.execute("INSERT INTO lane_test VALUES (1, 'one')")
    for _ in range(3):
        assert await ask(lanes, COUNT, NAMES) == [[(1,)], [("one",)]]
        await ask(lanes, call(discard))


async def test_a_migration_between_two_pipelines_goes_unnoticed(
    either: PipelineLanes, writer: psycopg.Connection
) -> None:
    writer.execute("INSERT INTO lane_test VALUES (1, 'one')")
    for _ in range(3):
        assert await ask(either, COUNT, ALL, NAMES) == [[(1,)], [(1, "one")], [("one",)]]

    writer.execute("ALTER TABLE lane_test ADD note text DEFAULT 'new'")
    for _ in range(3):
        assert await ask(either, COUNT, ALL, NAMES) == [[(1,)], [(1, "one", "new")], [("one",)]]

    writer.execute("ALTER TABLE lane_test DROP note, ALTER name TYPE int USING length(name)")
    for _ in range(3):
        assert await ask(either, COUNT, ALL, NAMES) == [[(1,)], [(1, 3)], [(3,)]]

    writer.execute("ALTER TABLE lane_test ALTER name TYPE timestamptz USING to_timestamp(name)")
    for _ in range(3):
        [_, [(_, moment)], _] = await ask(either, COUNT, ALL, NAMES)
        assert moment.isoformat() == "1970-01-01T00:00:03+00:00"


async def test_a_column_that_is_gone_fails_until_it_is_back(either: PipelineLanes, writer: psycopg.Connection) -> None:
    assert await ask(either, NAMES) == [[]]
    writer.execute("ALTER TABLE lane_test DROP name")
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await ask(either, COUNT, NAMES)

    writer.execute("ALTER TABLE lane_test ADD name uuid")
    assert await ask(either, COUNT, NAMES) == [[(0,)], []]


async def test_migrations_under_load_fail_nobody(lanes: PipelineLanes, writer: psycopg.Connection) -> None:
    writer.execute("INSERT INTO lane_test VALUES (1, '7')")
    over = asyncio.Event()
    seen = {int: asyncio.Event(), str: asyncio.Event()}

    async def read() -> None:
        while not over.is_set():
            [rows, names] = await ask(lanes, ALL, NAMES)
            # A table that is rewritten looks empty to older snapshots (PostgreSQL documentation, 13.6 "Caveats").
            assert not rows or not names or rows[0][1:] == names[0]
            for [name] in names:
                seen[type(name)].set()

    async def migrate() -> None:
        for kind, read_as in (("int", int), ("text", str), ("bigint", int), ("text", str)) * 5:
            statement = f"ALTER TABLE lane_test ALTER name TYPE {kind} USING name::text::{kind}"
            await asyncio.to_thread(writer.execute, statement)
            # However slow the readers are, each type is read before the next one replaces it.
            seen[read_as].clear()
            await seen[read_as].wait()

    async with asyncio.timeout(60), asyncio.TaskGroup() as readers:
        for _ in range(4):
            readers.create_task(read())
        await migrate()
        over.set()


async def test_statements_not_used_for_long_are_closed_on_the_server(database_url: str) -> None:
    lane = await PqLane.open(Address(database_url, 1000, pooled=False, remembered=5), Decoders(), lambda _: None)
    try:
        for number in [*range(20), *range(12), 19]:
            assert loaded(await lane.run([call(f"SELECT {number}")])) == [[(number,)]]
        [[(known,)]] = loaded(await lane.run([call("SELECT count(*) FROM pg_prepared_statements")]))
        many = loaded(await lane.run([call(f"SELECT {number}") for number in range(30)]))
    finally:
        await lane.close()

    # The one that counts pushes another one out, which the next pipeline closes.
    assert known == 6
    assert many == [[(number,)] for number in range(30)]
