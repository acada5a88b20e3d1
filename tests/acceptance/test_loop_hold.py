"""While eight long lists are read at once, the event loop is never held for long by plans."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from benchmarks.data import Shape, fill, long_slug
from benchmarks.operations import LONG_LIST
from gateway.collector import settle_collector
from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from schema.root import schema

AT_ONCE, TIMES = 8, 5
LONGEST_MS = float(os.environ.get("LOOP_HOLD_MS", "20"))


@contextmanager
def settled_collector() -> Iterator[None]:
    """The garbage collector as the gateway sets it."""
    before = gc.get_threshold()
    settle_collector()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


class Bystander:
    """Comes to its turn in every round of the loop. works: CPU seconds of each round, waits: the same by the clock.

    A round is what all plans do before anybody else is served. Other processes lengthen the waits, not the works.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.works: list[float] = []

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._watch())
        yield
        task.cancel()

    async def _watch(self) -> None:
        while True:
            began, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0)
            self.waits.append(time.perf_counter() - began)
            self.works.append(time.thread_time() - used)


@pytest.mark.slow
@pytest.mark.parametrize("items", [5_000, 20_000])
async def test_long_lists_do_not_hold_the_loop(store: str, items: int) -> None:
    fill(store, Shape(60, (items,)))
    lanes = PipelineLanes(store, count=3, wait_seconds=60)
    await lanes.open()
    worst: list[tuple[float, float]] = []
    try:
        engine = PlanEngine(schema, lanes, batching=False)

        async def ask() -> None:
            body = await engine.answer(LONG_LIST.text, {"slug": long_slug(items)})
            assert body is not None
            assert body.count(b'"description"') == items

        await asyncio.gather(*(ask() for _ in range(3)))
        with settled_collector():
            for _ in range(TIMES):
                bystander = Bystander()
                async with bystander.watching():
                    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
                worst.append((max(bystander.works) * 1e3, max(bystander.waits) * 1e3))
    finally:
        await lanes.close()

    holds = ", ".join(f"{work:.1f} ({wait:.1f})" for work, wait in worst)
    print(f"{items} items: longest round of the loop in each of {TIMES} runs, ms of CPU (of the clock): {holds}")  # noqa: T201 - the figures
    assert min(work for work, _ in worst) <= LONGEST_MS
