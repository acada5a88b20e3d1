"""The worker as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from procrastinate.jobs import Job

from sync.connections import connect
from sync.errors import LeaseTaken
from sync.jobs import Again, run_queued
from sync.leases import leased
from sync.schedules import Slot, slots
from sync.settings import SourceSettings
from sync.webhooks.arrivals import Arrival, take
from tests.sync.larder import Larder
from tests.sync.supplier import Supplier, supplying

LARDER = Path(sys.executable).with_name("larder")
RESCUE_SECONDS = 60
"""A job that the loss cut in two is dropped once its worker has been silent for 30 s."""
SOURCES = """
[sources.{name}]
kind = "eat_api"
url = "{url}"
limits = {{ attempts = 1 }}
schedules = {{ menu = {menu}, stock = {stock} }}
"""


@asynccontextmanager
async def worker(
    supplier: Supplier,
    folder: Path,
    menu: int = 1,
    stock: int = 1,
    others: Mapping[str, Supplier] | None = None,
    **settings: str,
) -> AsyncIterator[asyncio.subprocess.Process]:
    sources = folder / "sources.toml"
    named = {"canteens": supplier, **(others or {})}
    declared = [SOURCES.format(name=name, url=one.url, menu=menu, stock=stock) for name, one in named.items()]
    sources.write_text("".join(declared))
    process = await asyncio.create_subprocess_exec(
        LARDER,
        "worker",
        env={**os.environ, "LARDER_SOURCES": str(sources), **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
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
        async with asyncio.timeout(20):
            await process.wait()

    assert process.returncode == 0
    assert larder.rows("SELECT state, error FROM larder_sync_run") == [("FAILED", "it was stopped")]
    assert larder.value("SELECT count(*) FROM larder_sync_stream WHERE leased_until IS NOT NULL") == 0
    assert larder.rows("SELECT lock, status::text FROM procrastinate_jobs") == [("canteens/menu", "todo")]


async def test_a_webhook_during_a_run_has_a_run_of_its_own_right_after_it(
    larder: Larder, supplier: Supplier, tmp_path: Path
) -> None:
    supplier.silent["canteens.json"] = silence = asyncio.Event()
    async with worker(supplier, tmp_path, menu=3600, stock=0):
        await until(lambda: ("canteens.json", 0) in supplier.asked)
        async with await connect() as connection:
            for event_id in ("e1", "e2", "e3"):
                await take(connection, [Arrival("canteens", event_id, "menu", datetime.now(UTC))])
        silence.set()
        await until(lambda: published(larder, "menu") == 2)
        await until(lambda: larder.value("SELECT count(*) FROM procrastinate_jobs") == 0)

    triggers = larder.rows("SELECT trigger FROM larder_sync_run WHERE stream = 'menu' ORDER BY id")
    assert triggers == [("SCHEDULE",), ("WEBHOOK",)]


async def test_a_supplier_that_hangs_delays_no_other(larder: Larder, supplier: Supplier, tmp_path: Path) -> None:
    async with supplying() as hanging:
        hanging.silent |= {"canteens.json": asyncio.Event(), "stock.json": asyncio.Event()}
        async with worker(hanging, tmp_path, others={"corner": supplier}, LARDER_WORKER_CONCURRENCY="2"):
            await until(lambda: hanging.asked and published(larder, "stock") >= 3 and published(larder, "menu") >= 3)

        assert larder.rows("SELECT DISTINCT source FROM larder_sync_run WHERE state = 'PUBLISHED'") == [("corner",)]
        assert hanging.most_under_way == 1


async def test_a_run_for_a_webhook_that_finds_its_stream_taken_is_tried_again(
    larder: Larder, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.conf.settings.LARDER_SOURCES", {"canteens": supplier.source()})

    async with leased("canteens", "menu"):
        await run_queued("canteens", "menu", 0)
        with pytest.raises(LeaseTaken):
            await run_queued("canteens", "menu", 0, "WEBHOOK")
    await run_queued("canteens", "menu", 0, "WEBHOOK")

    assert larder.rows("SELECT state, trigger FROM larder_sync_run") == [("PUBLISHED", "WEBHOOK")]


@pytest.mark.parametrize(
    ("error", "attempts", "seconds"),
    [
        (asyncio.CancelledError(), 3, 0),
        (LeaseTaken(), 0, 1),
        (LeaseTaken(), 3, 8),
        (LeaseTaken(), 9, 30),
        (RuntimeError(), 0, None),
    ],
)
def test_what_is_tried_again_and_when(error: BaseException, attempts: int, seconds: float | None) -> None:
    job = Job(id=1, queue="default", lock="a/b", queueing_lock="a/b", task_name="larder:run_stream", attempts=attempts)
    began = datetime.now(UTC)

    decision = Again().get_retry_decision(exception=error, job=job)

    if seconds is None:
        assert decision is None
    else:
        assert decision is not None
        after = ((decision.retry_at or began) - began).total_seconds()
        assert seconds <= after < seconds + 1


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


def test_a_stream_is_due_once_in_each_interval() -> None:
    slot = Slot("a", "b", 20)

    due = {slot.due(now) for now in range(100, 200)}

    assert sorted(due) == list(range(min(due), min(due) + 101, 20))
    assert all(0 <= now - slot.due(now) < 20 for now in (100.0, 107.9, 108.0, 119.999))
    assert slot.due(slot.due(500) + 19.999) == slot.due(500)


def test_many_sources_are_not_due_at_once() -> None:
    due = Counter(Slot(f"source-{number}", "menu", 60).due(1_000_000) for number in range(200))

    assert max(due.values()) <= 10
    assert len(due) > 50
