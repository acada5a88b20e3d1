"""``larder serve`` as its operators see it: how it stops, and how its workers live and die."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.acceptance.processes import free_port, running

pytestmark = pytest.mark.slow

LOCATIONS = {"query": "{ locations(first: 3) { nodes { id name } } }"}
ANSWER: dict[str, Any] = {"data": {"locations": {"nodes": []}}}
PATIENCE = 30


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ("serve", "--port", str(port), "--log-level", "warning", *arguments)
    with running([*arguments], f"{url}/health/ready", **environment) as process:
        yield url, process


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, PATIENCE)


async def waiting_for_a_lock(operator: psycopg.Connection, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name ~ '^larder'"
    while operator.execute(statement.encode()).fetchone() != (count,):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_what_was_accepted_is_answered_after_sigterm(store: str, operator: psycopg.Connection) -> None:
    with serving(LARDER_DATABASE_URL=store, LARDER_GRACE_SECONDS="20", LARDER_PLAN_BATCHING="off") as (url, process):
        async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            warm = await client.post("/graphql", json=LOCATIONS)
            assert warm.json() == ANSWER
            with psycopg.connect(store) as other:
                other.execute("LOCK TABLE larder_location IN ACCESS EXCLUSIVE MODE")
                asked = [
                    asyncio.create_task(
                        client.post("/graphql", json={"query": f"{{ locations(first: {n}) {{ nodes {{ id }} }} }}"})
                    )
                    for n in range(1, 13)
                ]
                await waiting_for_a_lock(operator, 3)
                process.send_signal(signal.SIGTERM)
                await asyncio.sleep(1)
                assert process.poll() is None
                assert not any(task.done() for task in asked)
                other.rollback()
            answers = await asyncio.gather(*asked)

        assert [answer.json() for answer in answers] == [ANSWER] * 12
        assert await ended(process) == 0


async def test_no_request_under_load_is_lost_by_a_stop(store: str) -> None:
    with serving(LARDER_DATABASE_URL=store, LARDER_DRAIN_SECONDS="2") as (url, process):
        outcomes: Counter[object] = Counter()

        async def ask() -> None:
            async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as client:
                while True:
                    try:
                        response = await client.post("/graphql", json=LOCATIONS)
                    except httpx2.ConnectError:
                        # Nobody listens any more: this one was never accepted.
                        return
                    outcomes[response.status_code, response.json() == ANSWER] += 1

        asking = [asyncio.create_task(ask()) for _ in range(8)]
        await asyncio.sleep(1)
        process.send_signal(signal.SIGTERM)
        results = await asyncio.gather(*asking, return_exceptions=True)

        assert await ended(process) == 0
        assert results == [None] * 8
        assert outcomes.keys() == {(200, True)}


async def test_while_it_drains_it_is_not_ready_and_serves(store: str) -> None:
    with serving(LARDER_DATABASE_URL=store, LARDER_DRAIN_SECONDS="60") as (url, process):
        async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE
            while (ready := await client.get("/health/ready")).status_code == 200:
                assert time.monotonic() < deadline
            assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
            assert ready.headers["connection"] == "close"
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.post("/graphql", json=LOCATIONS)).json() == ANSWER
            assert process.poll() is None

            # A second one means now.
            process.send_signal(signal.SIGTERM)

        assert await ended(process) == 0


async def test_ctrl_c_does_not_drain(store: str) -> None:
    with serving(LARDER_DATABASE_URL=store, LARDER_DRAIN_SECONDS="300") as (_, process):
        process.send_signal(signal.SIGINT)

        assert await ended(process) == 0


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in listed.split()]


async def until_children(process: subprocess.Popen[bytes], count: int, without: int = 0) -> list[int]:
    deadline = time.monotonic() + PATIENCE
    while len(found := children_of(process)) != count or without in found:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return found


def lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes as Linux does")
async def test_workers_share_the_address_and_one_that_dies_is_replaced(store: str) -> None:
    with serving("--workers", "2", LARDER_DATABASE_URL=store) as (url, process):
        first, second = await until_children(process, 2)
        async with httpx2.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            os.kill(first, signal.SIGKILL)
            for _ in range(20):
                # Each on a connection of its own: those of the dead worker are lost.
                answer = await client.post("/graphql", json=LOCATIONS, headers={"connection": "close"})
                assert answer.json() == ANSWER
        assert second in await until_children(process, 2, without=first)

        process.send_signal(signal.SIGTERM)

        assert await ended(process) == 0
        assert not lives(second)


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes as Linux does")
async def test_workers_do_not_outlive_their_parent(store: str) -> None:
    with serving("--workers", "2", LARDER_DATABASE_URL=store) as (_, process):
        workers = await until_children(process, 2)

        process.kill()

        await ended(process)
        deadline = time.monotonic() + PATIENCE
        while any(map(lives, workers)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def test_a_worker_that_does_not_start_fails_the_start(store: str) -> None:
    with running(
        ["serve", "--workers", "2", "--port", str(free_port())],
        None,
        LARDER_DATABASE_URL=store,
        LARDER_SCHEMA="schema.root:nothing",
    ) as process:
        assert await ended(process) == 1


def test_a_port_that_is_taken_is_named(store: str) -> None:
    with serving(LARDER_DATABASE_URL=store) as (url, _):
        port = url.rpartition(":")[2]
        with running(["serve", "--workers", "2", "--port", port], None, LARDER_DATABASE_URL=store) as process:
            assert process.wait(PATIENCE) == 2
