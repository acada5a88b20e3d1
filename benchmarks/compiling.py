"""What an operation costs the plan engine when it comes for the first time, and what it leaves behind."""

from __future__ import annotations

import gc
import random
import statistics
import time
import tracemalloc
from dataclasses import replace
from typing import Any

from benchmarks.operations import STOREFRONT, Draw, Operation
from benchmarks.results import Compiling

TRACED = 20


async def measure_compiling(plan: Any, draw: Draw, *, distinct: int) -> Compiling:
    """Ask ``plan`` for ``distinct`` variants of the storefront page, each twice.

    plan: a contestant of its own, as its caches are filled. What one operation holds is traced on others, before.
    """
    luck = random.Random(3)
    await plan.answer(STOREFRONT, draw(luck))
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(TRACED):
        await plan.answer(variant(-1 - number), draw(luck))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    firsts: list[float] = []
    again: list[float] = []
    for number in range(distinct):
        operation, variables = variant(number), draw(luck)
        for times in (firsts, again):
            began = time.perf_counter()
            await plan.answer(operation, variables)
            times.append(time.perf_counter() - began)
    return Compiling(
        distinct=distinct,
        first_ms=statistics.median(firsts) * 1e3,
        again_ms=statistics.median(again) * 1e3,
        remembered=len(plan.engine.operations),
        bytes_each=(after - before) // TRACED,
    )


def variant(number: int) -> Operation:
    """The storefront page with an alias that no other variant has."""
    text = STOREFRONT.text.replace("labels", f"labels_{abs(number)}{'x' * (number < 0)}: labels")
    return replace(STOREFRONT, title=f"{STOREFRONT.title}, variant {number}", text=text)
