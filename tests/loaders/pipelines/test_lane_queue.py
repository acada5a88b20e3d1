"""Who gets a lane, who does not, and that none is ever lost to a cancellation."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from loaders.errors import StoreBusy
from loaders.pipelines.calls import Call
from loaders.pipelines.lanes import PipelineLanes
from tests.loaders.pipelines.calling import PID, ask, call

SLOW = call("SELECT 1 FROM pg_sleep(0.4)")
QUICK = call("SELECT 2")


async def test_no_free_lane_is_said_so_in_time(opened: Any) -> None:
    lanes = await opened(count=1, wait_seconds=0.2)
    await ask(lanes, QUICK)
    running = asyncio.create_task(ask(lanes, SLOW))
    await asyncio.sleep(0)
    started = time.monotonic()

    with pytest.raises(StoreBusy, match="No lane to the store came free in time"):
        await ask(lanes, QUICK)

    assert 0.15 < time.monotonic() - started < 0.35
    assert await running == [[(1,)]]
    assert await ask(lanes, QUICK) == [[(2,)]]


async def test_no_more_lanes_are_opened_than_counted(opened: Any) -> None:
    lanes = await opened(count=2)

    found = await asyncio.gather(*(ask(lanes, call(PID), call("SELECT 1 FROM pg_sleep(0.01)")) for _ in range(50)))

    assert len({pid for [[(pid,)], _] in found}) == 2


async def test_first_come_first_served(opened: Any) -> None:
    lanes = await opened(count=1)
    await ask(lanes, QUICK)
    order: list[int] = []

    async def run(number: int) -> None:
        def make() -> Sequence[Call]:
            order.append(number)
            return [QUICK]

        await lanes.run(make)

    await asyncio.gather(*(run(number) for number in range(20)))

    assert order == list(range(20))


async def test_the_calls_are_asked_for_once_a_lane_is_free(opened: Any) -> None:
    lanes = await opened(count=1)
    calls = [QUICK]
    first = asyncio.create_task(ask(lanes, SLOW))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(lanes.run(lambda: calls))
    await asyncio.sleep(0.1)
    calls.append(call("SELECT 3"))

    await first
    assert [rows.load(0, 1) for rows in await second] == [[(2,)], [(3,)]]


async def test_calls_that_cannot_be_made_cost_no_lane(opened: Any) -> None:
    lanes = await opened(count=1, wait_seconds=0.5)

    def fail() -> Sequence[Call]:
        raise psycopg.DataError("out of range")

    for _ in range(3):
        with pytest.raises(psycopg.DataError, match="out of range"):
            await lanes.run(fail)

    assert await ask(lanes, QUICK) == [[(2,)]]


async def test_cancelled_waiters_cost_no_lane(opened: Any) -> None:
    lanes = await opened(count=1, wait_seconds=2)
    await ask(lanes, QUICK)

    running = asyncio.create_task(ask(lanes, SLOW))
    waiting = [asyncio.create_task(ask(lanes, QUICK)) for _ in range(5)]
    await asyncio.sleep(0.1)
    for task in waiting[:4]:
        task.cancel()

    assert await running == [[(1,)]]
    assert await waiting[4] == [[(2,)]]
    assert await ask(lanes, QUICK) == [[(2,)]]


@pytest.mark.parametrize("ticks", range(4))
async def test_a_waiter_cancelled_as_its_lane_comes_costs_no_lane(opened: Any, ticks: int) -> None:
    lanes = await opened(count=1, wait_seconds=1)
    await ask(lanes, QUICK)

    async def run_and_cancel() -> None:
        await ask(lanes, QUICK)
        # With no tick the lane is given already, and the waiter has not woken up.
        for _ in range(ticks):
            await asyncio.sleep(0)
        waiting.cancel()

    running = asyncio.create_task(run_and_cancel())
    waiting = asyncio.create_task(ask(lanes, QUICK))
    await asyncio.gather(running, waiting, return_exceptions=True)

    assert await ask(lanes, QUICK) == [[(2,)]]


async def test_a_cancelled_pipeline_leaves_its_lane_in_step(either: PipelineLanes) -> None:
    for pause in (0, 0.001, 0.01, 0.2):
        tasks = [asyncio.create_task(ask(either, QUICK, SLOW, QUICK)) for _ in range(2)]
        await asyncio.sleep(pause)
        for task in tasks:
            task.cancel()
        assert {type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)} == {asyncio.CancelledError}

        assert await ask(either, call("SELECT 'after'")) == [[("after",)]]


async def test_a_cancelled_hold_leaves_nothing_open(either: PipelineLanes, writer: psycopg.Connection) -> None:
    async def hold() -> None:
        async with either.hold(lambda: [QUICK, SLOW]):
            await asyncio.sleep(5)

    for pause in (0.01, 0.2, 0.6):
        holding = asyncio.create_task(hold())
        await asyncio.sleep(pause)
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding

        for _ in range(3):
            assert await ask(either, QUICK) == [[(2,)]]
    await asyncio.sleep(0.5)
    held = writer.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
    assert held.fetchone() == (0,)


async def test_answers_are_never_mixed_up_whoever_is_cancelled(lanes: PipelineLanes) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable mix, no secret

    async def one(number: int) -> None:
        text = f"{number} " * chance.randrange(1, 200)
        asked = asyncio.create_task(ask(lanes, call("SELECT $1::text", text), call("SELECT $1::int", str(number))))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() / 50)
            asked.cancel()
        try:
            assert await asked == [[(text,)], [(number,)]]
        except asyncio.CancelledError:
            assert asked.cancelled()

    for _ in range(5):
        await asyncio.gather(*(one(number) for number in range(40)))
