"""A store that stops and comes back, and a store that everything happens to at once."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from loaders.errors import StoreUnavailable
from loaders.pipelines.lanes import Driver, PipelineLanes
from tests.loaders.pipelines.calling import KILL_ALL, ask, call

STRESS_SECONDS = 15


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own."""
    data = Path(tempfile.mkdtemp(prefix="larder-test-"))
    data.chmod(0o755)
    server = EmbeddedPostgres(data, {"fsync": "off", "max_connections": "60"})
    server.start()
    yield server
    server.stop()
    if (data / "postgres").is_symlink():
        shutil.rmtree((data / "postgres").readlink())
    shutil.rmtree(data)


@pytest.mark.slow
async def test_a_store_that_stops_and_comes_back(server: EmbeddedPostgres, opened: Any) -> None:
    lanes = await opened(server.url, count=3, wait_seconds=0.5)
    assert await ask(lanes, call("SELECT 1")) == [[(1,)]]

    await asyncio.to_thread(server.stop)
    failed = await asyncio.gather(*(ask(lanes, call("SELECT 1")) for _ in range(10)), return_exceptions=True)
    assert {type(error) for error in failed} == {StoreUnavailable}

    server.start()
    await asyncio.sleep(1)
    assert await asyncio.gather(*(ask(lanes, call("SELECT 1")) for _ in range(10))) == [[[(1,)]]] * 10


@pytest.mark.slow
async def test_a_short_restart_is_waited_out(server: EmbeddedPostgres, opened: Any) -> None:
    lanes = await opened(server.url, count=3, wait_seconds=10)
    reading = [asyncio.create_task(ask(lanes, call("SELECT $1::int FROM pg_sleep(0.2)", str(n)))) for n in range(20)]
    await asyncio.sleep(0.3)

    server.stop()
    server.start()

    assert await asyncio.gather(*reading) == [[[(n,)]] for n in range(20)]


@pytest.mark.slow
async def test_every_answer_is_right_whatever_happens_to_the_store(  # noqa: C901, PLR0915 - one scene
    server: EmbeddedPostgres, driver: Driver
) -> None:
    """64 readers at once, and at random: errors, cancellations, killed lanes, migrations, discarded statements."""
    chance = random.Random(11)  # noqa: S311 - a repeatable mix, no secret
    over = asyncio.get_running_loop().time() + STRESS_SECONDS
    told = {"right": 0, "failed": 0, "cancelled": 0, "wrong values": 0}
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("CREATE TABLE moving (id bigint PRIMARY KEY, name text)")
        admin.execute("INSERT INTO moving SELECT i, i::text FROM generate_series(1, 500) i")
        lanes = PipelineLanes(server.url, count=4, driver=driver, wait_seconds=20)
        await lanes.open()

        async def read(number: int) -> None:
            key = str(chance.randrange(1, 501))
            calls = [
                call("SELECT $1::text", f"{number}-{key}"),
                call("SELECT id FROM moving WHERE id = $1::bigint", key),
                call(f"SELECT {chance.randrange(700)}, $1::bigint", key),
                call("SELECT repeat($1::text, 2000)", key),
            ]
            wrong = chance.random() < 0.05
            if wrong:
                calls.insert(chance.randrange(4), call("SELECT 1 / $1::int", "0"))
            asked = asyncio.create_task(ask(lanes, *calls))
            cancelled = chance.random() < 0.1
            if cancelled:
                await asyncio.sleep(chance.random() / 100)
                asked.cancel()
            try:
                [[(text,)], [(found,)], [(_, again)], [(long,)]] = await asked
            except psycopg.errors.DivisionByZero:
                assert wrong
                told["wrong values"] += 1
            except asyncio.CancelledError:
                assert cancelled
                told["cancelled"] += 1
            except StoreUnavailable:
                told["failed"] += 1
            else:
                assert not wrong
                assert (text, found, again, long) == (f"{number}-{key}", int(key), int(key), key * 2000)
                told["right"] += 1

        async def reader(number: int) -> None:
            while asyncio.get_running_loop().time() < over:
                await read(number)

        async def trouble() -> None:
            columns = 0
            while asyncio.get_running_loop().time() < over:
                await asyncio.sleep(chance.random() / 5)
                kind = chance.randrange(5)
                if kind == 0:
                    await asyncio.to_thread(admin.execute, KILL_ALL)
                elif kind == 1:
                    columns += 1
                    await asyncio.to_thread(admin.execute, f"ALTER TABLE moving ADD c{columns} int")
                elif kind == 2:
                    await asyncio.gather(ask(lanes, call("DISCARD ALL")), return_exceptions=True)
                elif kind == 3:
                    await asyncio.gather(ask(lanes, call("DEALLOCATE ALL")), return_exceptions=True)
                else:
                    await asyncio.to_thread(admin.execute, KILL_ALL + " LIMIT 1")

        await asyncio.gather(trouble(), *(reader(number) for number in range(64)))
        assert await ask(lanes, call("SELECT 1")) == [[(1,)]]
        await lanes.close()

    assert told["right"] > 500
    assert told["cancelled"] > 20
    assert told["wrong values"] > 20
    assert told["failed"] < told["right"] / 50
