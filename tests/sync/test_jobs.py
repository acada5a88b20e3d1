"""The worker as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sync.connections import connect
from sync.housekeeping import FORGET
from sync.runner import run_stream
from sync.schedules import Slot, slots
from sync.settings import SourceSettings
from tests.sync.larder import Larder
from tests.sync.supplier import Supplier

LARDER = Path(sys.executable).with_name("larder")
RESCUE_SECONDS = 60
"""A job that the loss cut in two is dropped once its worker has been silent for 30 s."""
SOURCES = """
[sources.canteens]
kind = "eat_api"
url = "{url}"
limits = {{ attempts = 1 }}
schedules = {{ menu = {menu}, stock = {stock} }}
"""


@asynccontextmanager
async def worker(
    supplier: Supplier, folder: Path, menu: int = 1, stock: int = 1
) -> AsyncIterator[asyncio.subprocess.Process]:
    sources = folder / "sources.toml"
    sources.write_text(SOURCES.format(url=supplier.url, menu=menu, stock=stock))
    process = await asyncio.create_subprocess_exec(
        LARDER, "worker", env={**os.environ, "LARDER_SOURCES": str(sources)}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(condition: Callable[[], object], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at another process
            await asyncio.sleep(0.05)


def published(larder: Larder, stream: str) -> int:
    found: int = larder.value("SELECT count(*) FROM larder_sync_run WHERE stream = %s AND state = 'PUBLISHED'", stream)
    return found


async def test_streams_run_on_their_schedules_and_a_stop_ends_the_worker(
    larder: Larder, supplier: Supplier, tmp_path: Path
) -> None:
    async with worker(supplier, tmp_path, menu=0) as process:
        await until(lambda: published(larder, "stock") >= 3)
        began = asyncio.get_running_loop().time()
        process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
        took = asyncio.get_running_loop().time() - began

    assert process.returncode == 0
    assert took < 5
    assert published(larder, "menu") == 0
    lines = [line for line in output.decode().splitlines() if "state=PUBLISHED" in line]
    assert len(lines) == published(larder, "stock")
    assert larder.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 0


async def test_a_worker_stopped_in_the_middle_of_a_run_gives_it_up(
    larder: Larder, supplier: Supplier, tmp_path: Path
) -> None:
    supplier.silent["canteens.json"] = asyncio.Event()
    async with worker(supplier, tmp_path, stock=0) as process:
        await until(lambda: ("canteens.json", 0) in supplier.asked)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(6):
            await process.wait()

    assert process.returncode == 0
    assert larder.rows("SELECT state, error FROM larder_sync_run") == [("FAILED", "it was stopped")]
    assert larder.value("SELECT count(*) FROM larder_sync_stream WHERE leased_until IS NOT NULL") == 0


async def test_two_workers_share_the_schedule_without_overlap(
    larder: Larder, supplier: Supplier, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    async with worker(supplier, tmp_path), worker(supplier, second):
        await until(lambda: published(larder, "menu") >= 4)

    overlaps = """SELECT count(*) FROM larder_sync_run a JOIN larder_sync_run b
        ON a.stream = b.stream AND a.id < b.id AND b.started_at < a.finished_at"""
    assert larder.value(overlaps) == 0
    seconds = larder.rows(
        "SELECT date_trunc('second', started_at), count(*) FROM larder_sync_run WHERE stream = 'menu' GROUP BY 1"
    )
    assert sum(count for _, count in seconds) <= len(seconds) + 1


async def test_a_worker_survives_losing_the_store_for_a_moment(
    larder: Larder, supplier: Supplier, tmp_path: Path
) -> None:
    async with worker(supplier, tmp_path, menu=0) as process:
        await until(lambda: published(larder, "stock") >= 1)
        larder.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'larder %'")
        before = published(larder, "stock")
        await until(lambda: published(larder, "stock") >= before + 2, RESCUE_SECONDS)
        process.send_signal(signal.SIGTERM)
        await process.communicate()

    assert process.returncode == 0


def test_streams_without_a_schedule_do_not_run_by_themselves() -> None:
    source = SourceSettings("a", "eat_api", "http://h", schedules={"menu": 0})

    assert slots([source]) == [Slot("a", "stock", 20)]


@pytest.mark.parametrize(("now", "due"), [(100.0, 100), (119.9, 100), (120.0, 120)])
def test_a_stream_is_due_at_multiples_of_its_interval(now: float, due: int) -> None:
    assert Slot("a", "b", 20).due(now) == due


async def test_old_runs_are_forgotten_but_never_the_latest(larder: Larder, supplier: Supplier) -> None:
    del supplier.documents["canteens.json"]
    for _ in range(3):
        await run_stream(supplier.source(), "menu")
    larder.execute("UPDATE larder_sync_run SET finished_at = finished_at - interval '8 days'")

    async with await connect() as connection:
        await connection.execute(FORGET, {"hours": 7 * 24})

    assert larder.rows("SELECT id FROM larder_sync_run") == [(3,)]
