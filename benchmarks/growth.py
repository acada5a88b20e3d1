"""How operation D grows with the length of the list."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Mapping, Sequence

from benchmarks.contestants.contestant import Contestant
from benchmarks.data import long_slug
from benchmarks.operations import LONG_LIST
from benchmarks.results import Growth


async def measure_growth(contestants: Mapping[str, Contestant], sizes: Sequence[int], *, rounds: int) -> list[Growth]:
    """Wall and CPU of every contestant at every size, in rounds of random order."""
    luck = random.Random(2)
    seen: dict[tuple[str, int], list[tuple[float, float]]] = {}
    turns = [(name, size) for name in contestants for size in sizes]
    for _ in range(rounds):
        for name, size in luck.sample(turns, len(turns)):
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            await contestants[name].answer(LONG_LIST, {"slug": long_slug(size)})
            seen.setdefault((name, size), []).append((time.perf_counter() - wall, time.process_time() - cpu))
    return [growth_of(name, {size: seen[name, size] for size in sizes}) for name in contestants]


def growth_of(contestant: str, seen: Mapping[int, Sequence[tuple[float, float]]]) -> Growth:
    """Medians in milliseconds, and the slope through the walls."""
    points = tuple(
        (size, *(statistics.median(values) * 1e3 for values in zip(*pairs, strict=True)))
        for size, pairs in seen.items()
    )
    sizes, walls = [point[0] for point in points], [point[1] for point in points]
    slope = statistics.linear_regression(sizes, walls).slope * 1000 if len(points) > 1 else walls[0] / sizes[0] * 1000
    return Growth(contestant, points, slope)
