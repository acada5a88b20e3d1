"""What a request asks of the process beside time: the event loop, and memory."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Mapping

from benchmarks.contestants.contestant import Contestant
from benchmarks.operations import Operation, Variables
from benchmarks.results import Burden

TICK_SECONDS = 0.001
TIMES = 5


async def burdens(contestants: Mapping[str, Contestant], operation: Operation, variables: Variables) -> list[Burden]:
    """The longest hold of the loop and the peak of memory, for every contestant."""
    return [
        Burden(
            operation=operation.key,
            contestant=name,
            longest_hold_ms=min([await longest_hold(contestant, operation, variables) for _ in range(TIMES)]) * 1e3,
            peak_bytes=await peak_bytes(contestant, operation, variables),
        )
        for name, contestant in contestants.items()
    ]


async def longest_hold(contestant: Contestant, operation: Operation, variables: Variables) -> float:
    """The longest time, in seconds, that a task waking every millisecond was kept waiting beyond it."""
    longest = 0.0

    async def sample() -> None:
        nonlocal longest
        while True:
            due = time.perf_counter() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            longest = max(longest, time.perf_counter() - due)

    gc.collect()
    sampler = asyncio.create_task(sample())
    await asyncio.sleep(2 * TICK_SECONDS)
    longest = 0.0
    await contestant.answer(operation, variables)
    await asyncio.sleep(2 * TICK_SECONDS)
    sampler.cancel()
    return longest


async def peak_bytes(contestant: Contestant, operation: Operation, variables: Variables) -> int:
    """Python memory at its peak during one request, above where it began."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await contestant.answer(operation, variables)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before
