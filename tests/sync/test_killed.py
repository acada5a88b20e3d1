"""Runs that are killed, or stopped and continued, at random points leave a store as if they had never begun."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from time import perf_counter

import pytest

from sync.runner import run_stream
from sync.runs import State
from sync.settings import SourceSettings
from sync.simulators.faults import Fault
from sync.simulators.simulator import Simulator
from tests.sync.conformance.contents import Rows, contents, emptied, repeated_prices
from tests.sync.conformance.subjects import Subject, subject
from tests.sync.forks import KILLED, PUBLISHED, SUPERSEDED, Forks, forking
from tests.sync.larder import Larder

pytestmark = pytest.mark.slow

POINTS = 50
STOPS = 12
EXPIRE = "UPDATE larder_sync_stream SET leased_until = clock_timestamp() - interval '1 second'"
HISTORY = "SELECT count(*) FROM larder_price_change"
LATEST = "SELECT max(id) FROM larder_sync_run"
SINCE = "SELECT state FROM larder_sync_run WHERE id > %s"
UNFINISHED = "SELECT count(*) FROM larder_sync_run WHERE finished_at IS NULL"
STREAMS = {"snapshot": ("eat_api", "menu"), "sparse": ("eat_api", "stock"), "delta": ("square", "catalog")}


@pytest.fixture
async def forks() -> AsyncIterator[Forks]:
    async with forking() as found:
        yield found


async def first_import(settings: SourceSettings, stream: str) -> None:
    """Everything that ``stream`` depends on, and its own first run."""
    for one in ("menu", "stock") if settings.kind == "eat_api" else (stream,):
        report = await run_stream(settings, one)
        assert (report.state, report.error) == (State.PUBLISHED, "")


async def told(larder: Larder, of: Subject, stream: str, steps: int) -> list[tuple[Rows, int]]:
    """Rows and length of the price history after each step of a supplier whose runs nobody interrupts."""
    seen = []
    async with of.started() as (simulator, address):
        await first_import(of.settings(address), stream)
        for _ in range(steps):
            await of.move_on(simulator)
            report = await run_stream(of.settings(address), stream)
            assert (report.state, report.error) == (State.PUBLISHED, "")
            seen.append((contents(larder.url).rows, larder.value(HISTORY)))
    emptied(larder.url)
    return seen


async def duration(forks: Forks, settings: SourceSettings, stream: str) -> float:
    """Seconds that a run takes which is left alone and changes nothing."""
    begun = perf_counter()
    await forks.run(settings, stream)
    assert await forks.ended() == PUBLISHED
    return perf_counter() - begun


@pytest.mark.parametrize("mode", STREAMS)
async def test_a_killed_run_is_made_good_by_the_next(larder: Larder, forks: Forks, mode: str) -> None:
    kind, stream = STREAMS[mode]
    of, rng, reached = subject(kind), random.Random(mode), Counter[str]()  # noqa: S311 - repeatable points in time
    uninterrupted = await told(larder, of, stream, POINTS)
    async with of.started() as (simulator, address):
        settings = of.settings(address)
        await first_import(settings, stream)
        longest = 1.2 * await duration(forks, settings, stream)
        for step in range(POINTS):
            await of.move_on(simulator)
            latest = larder.value(LATEST)
            killed = await forks.run(settings, stream)
            await asyncio.sleep(rng.uniform(0, longest))
            forks.signal(killed, signal.SIGKILL)
            assert await forks.ended() in {KILLED, PUBLISHED}
            reached.update(state for (state,) in larder.rows(SINCE, latest))

            larder.execute(EXPIRE)
            report = await run_stream(settings, stream)

            assert (report.state, report.error) == (State.PUBLISHED, "")
            assert (contents(larder.url).rows, larder.value(HISTORY)) == uninterrupted[step]
            assert repeated_prices(larder.url) == 0
            assert larder.value(UNFINISHED) == 0
            assert larder.value("SELECT count(*) FROM larder_sync_staged") == 0
    assert sum(reached.values()) - reached["PUBLISHED"] > POINTS / 10, reached


@pytest.mark.parametrize("mode", STREAMS)
async def test_a_run_that_is_continued_after_its_lease_ran_out_writes_nothing(
    larder: Larder, forks: Forks, mode: str
) -> None:
    kind, stream = STREAMS[mode]
    of, rng, ends = subject(kind), random.Random(mode), Counter[int]()  # noqa: S311 - repeatable points in time
    uninterrupted = await told(larder, of, stream, 2 * STOPS)
    async with of.started() as (simulator, address):
        settings = of.settings(address)
        await first_import(settings, stream)
        longest = await duration(forks, settings, stream)
        for step in range(STOPS):
            await of.move_on(simulator)
            if step % 2:
                zombie = await forks.run(settings, stream)
                await asyncio.sleep(rng.uniform(longest / 4, longest))
            else:
                simulator.faults.add(Fault(mode="late", seconds=1, count=1))
                zombie = await forks.run(settings, stream)
                await asked(simulator, step // 2 + 1)
            forks.signal(zombie, signal.SIGSTOP)
            await of.move_on(simulator)
            successor = asyncio.create_task(succeed(larder, settings, stream))
            # A zombie that stopped while it publishes holds the stream, so that its successor has to wait for it.
            await asyncio.wait({successor}, timeout=3)

            forks.signal(zombie, signal.SIGCONT)
            ended = await forks.ended()
            await successor

            assert ended in {PUBLISHED, SUPERSEDED}
            ends[ended] += 1
            assert contents(larder.url).rows == uninterrupted[2 * step + 1][0]
            assert repeated_prices(larder.url) == 0
            assert larder.value(UNFINISHED) == 0
    assert ends[SUPERSEDED] >= STOPS / 2, ends


async def asked(simulator: Simulator, times: int) -> None:
    """Wait until a run waits for a late answer."""
    async with asyncio.timeout(30):
        while simulator.answered["late"] < times:  # noqa: ASYNC110 - another process asks
            await asyncio.sleep(0.005)


async def succeed(larder: Larder, settings: SourceSettings, stream: str) -> None:
    """Take the stream over from a run whose lease has run out."""
    await asyncio.to_thread(larder.execute, EXPIRE)
    report = await run_stream(settings, stream)
    assert (report.state, report.error) == (State.PUBLISHED, "")
