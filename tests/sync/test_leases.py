"""One writer per stream, and a store that no crash leaves half-written."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
import pytest

from sync import leases
from sync.errors import LeaseTaken
from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish, week_path

WEEK = week_path("mensa")
EXPIRE = "UPDATE larder_sync_stream SET leased_until = clock_timestamp() - interval '1 second'"
RUNNER = """
import asyncio, sys
import django
django.setup()
from sync.runner import run_stream
from sync.settings import SourceSettings
asyncio.run(run_stream(SourceSettings("canteens", "eat_api", sys.argv[1]), "menu"))
"""


async def until(condition: Any, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at other processes
            await asyncio.sleep(0.02)


@asynccontextmanager
async def another_process(supplier: Supplier) -> AsyncIterator[asyncio.subprocess.Process]:
    """A run in a process of its own; killed at the end."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", RUNNER, supplier.url)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


@contextmanager
def locked(larder: Larder, table: str) -> Iterator[psycopg.Connection[Any]]:
    """``table`` takes no writes until the block ends."""
    with psycopg.connect(larder.url) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield connection
        connection.rollback()


def blocked(larder: Larder) -> list[int]:
    """Backends of the sync that wait for a lock."""
    found = larder.rows(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'larder sync'"
    )
    return [pid for (pid,) in found]


async def test_a_second_runner_is_turned_away(larder: Larder, supplier: Supplier) -> None:
    supplier.silent[WEEK] = asyncio.Event()
    first = asyncio.create_task(run_stream(supplier.source(), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)

    with pytest.raises(LeaseTaken, match="another runner holds the stream canteens/menu"):
        await run_stream(supplier.source(), "menu")
    other = await run_stream(supplier.source(), "stock")
    supplier.silent[WEEK].set()

    assert (other.state, (await first).state) == (State.PUBLISHED, State.PUBLISHED)


async def test_a_second_runner_is_turned_away_while_the_first_publishes(larder: Larder, supplier: Supplier) -> None:
    with locked(larder, "larder_offer"):
        first = asyncio.create_task(run_stream(supplier.source(), "menu"))
        await until(lambda: blocked(larder))
        with pytest.raises(LeaseTaken):
            await run_stream(supplier.source(), "menu")

    assert (await first).state is State.PUBLISHED


async def test_a_runner_that_lost_its_lease_writes_nothing(larder: Larder, supplier: Supplier) -> None:
    supplier.silent[WEEK] = asyncio.Event()
    zombie = asyncio.create_task(run_stream(supplier.source(request_seconds=20), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)
    larder.execute(EXPIRE)
    held_back, supplier.silent = supplier.silent, {}
    successor = await run_stream(supplier.source(), "menu")
    before, heads = larder.dump(), larder.heads()
    cursor = larder.value("SELECT cursor FROM larder_sync_stream")
    supplier.documents[WEEK] = supplier.documents[WEEK].replace(b"Reis", b"Mais")

    held_back[WEEK].set()
    report = await zombie

    assert (successor.state, report.state) == (State.PUBLISHED, State.SUPERSEDED)
    assert (larder.dump(), larder.heads()) == (before, heads)
    assert larder.value("SELECT cursor FROM larder_sync_stream") == cursor
    assert larder.rows("SELECT state, fence FROM larder_sync_run ORDER BY id") == [("SUPERSEDED", 1), ("PUBLISHED", 2)]
    assert larder.value("SELECT count(*) FROM larder_sync_staged") == 0


async def test_a_lease_is_renewed_while_the_supplier_takes_its_time(
    larder: Larder, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1)
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.2)
    supplier.silent[WEEK] = asyncio.Event()
    first = asyncio.create_task(run_stream(supplier.source(request_seconds=20), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)
    await asyncio.sleep(1.5)

    with pytest.raises(LeaseTaken):
        await run_stream(supplier.source(), "menu")
    supplier.silent[WEEK].set()

    assert (await first).state is State.PUBLISHED


async def test_a_runner_killed_while_it_fetches_leaves_the_store_and_blocks_it_for_no_longer_than_its_lease(
    larder: Larder, supplier: Supplier
) -> None:
    await run_stream(supplier.source(), "menu")
    before, cursor = larder.dump(), larder.value("SELECT cursor FROM larder_sync_stream")
    supplier.documents[WEEK] = supplier.documents[WEEK].replace(b"Reis", b"Mais")
    supplier.asked.clear()
    supplier.silent[week_path("mensa").replace("41", "42")] = asyncio.Event()
    async with another_process(supplier):
        await until(lambda: (WEEK, 200) in supplier.asked and any(status == 0 for _, status in supplier.asked))
    supplier.silent.clear()

    with pytest.raises(LeaseTaken):
        await run_stream(supplier.source(), "menu")

    left = larder.value("SELECT extract(epoch FROM leased_until - clock_timestamp())::float FROM larder_sync_stream")
    assert 0 < left <= leases.LEASE_SECONDS
    assert (larder.dump(), larder.value("SELECT cursor FROM larder_sync_stream")) == (before, cursor)
    larder.execute(EXPIRE)
    report = await run_stream(supplier.source(), "menu")
    assert (report.state, "Mais" in larder.items()) == (State.PUBLISHED, True)
    assert larder.rows("SELECT state, error FROM larder_sync_run ORDER BY id OFFSET 1 LIMIT 1") == [
        ("SUPERSEDED", "its runner died: the lease ran out")
    ]
    assert larder.value("SELECT count(*) FROM larder_sync_staged") == 0


async def test_a_runner_killed_while_it_publishes_leaves_the_store_as_it_was(
    larder: Larder, supplier: Supplier
) -> None:
    heads = larder.heads()
    with locked(larder, "larder_offer"):
        async with another_process(supplier):
            await until(lambda: blocked(larder))
    await until(lambda: not blocked(larder))

    assert larder.dump() == {name: [] for name in larder.dump()}
    assert larder.heads() == heads
    assert larder.value("SELECT cursor FROM larder_sync_stream") == {}
    larder.execute(EXPIRE)
    assert (await run_stream(supplier.source(), "menu")).inserted == 26


async def test_a_connection_lost_while_publishing_fails_the_run_and_leaves_the_store(
    larder: Larder, supplier: Supplier
) -> None:
    with locked(larder, "larder_offer"):
        run = asyncio.create_task(run_stream(supplier.source(), "menu"))
        await until(lambda: blocked(larder))
        larder.rows("SELECT pg_terminate_backend(%s)", blocked(larder)[0])
        report = await run

    assert report.state is State.FAILED
    assert report.error.startswith("AdminShutdown: ")
    assert larder.items() == []
    assert larder.value("SELECT state FROM larder_sync_run") == "FAILED"
    assert (await run_stream(supplier.source(), "menu")).state is State.PUBLISHED


async def test_a_run_that_loses_every_connection_gives_its_lease_back(larder: Larder, supplier: Supplier) -> None:
    supplier.silent[WEEK] = asyncio.Event()
    run = asyncio.create_task(run_stream(supplier.source(), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)

    larder.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder sync'")
    supplier.silent[WEEK].set()
    report = await run

    assert report.state is State.FAILED
    assert (await run_stream(supplier.source(), "menu")).state is State.PUBLISHED


async def test_a_run_that_is_stopped_says_so_and_gives_its_lease_back(larder: Larder, supplier: Supplier) -> None:
    supplier.silent[WEEK] = asyncio.Event()
    run = asyncio.create_task(run_stream(supplier.source(), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    supplier.silent.clear()

    assert larder.rows("SELECT state, error FROM larder_sync_run") == [("FAILED", "it was stopped")]
    assert (await run_stream(supplier.source(), "menu")).state is State.PUBLISHED


async def test_no_transaction_is_open_while_the_supplier_is_asked(larder: Larder, supplier: Supplier) -> None:
    supplier.silent[WEEK] = asyncio.Event()
    run = asyncio.create_task(run_stream(supplier.source(), "menu"))
    await until(lambda: (WEEK, 0) in supplier.asked)

    states = larder.rows("SELECT DISTINCT state FROM pg_stat_activity WHERE application_name = 'larder sync'")
    supplier.silent[WEEK].set()
    await run

    assert states == [("idle",)]


async def test_readers_see_all_of_a_publish_or_nothing(larder: Larder, supplier: Supplier) -> None:
    served = {name: [dish(f"{name} {number}") for number in range(30)] for name in ("Reis", "Mais", "Hirse")}
    seen = set()
    for dishes in served.values():
        supplier.week("mensa", {TODAY: dishes})
        for _ in range(2):  # the first time the guard holds the loss of the earlier dishes
            run = asyncio.create_task(run_stream(supplier.source(), "menu"))
            while not run.done():
                seen.add(tuple(larder.items()))
                await asyncio.sleep(0.001)

    assert seen <= {(), *(tuple(sorted(one["name"] for one in dishes)) for dishes in served.values())}
    assert len(seen) > 1
