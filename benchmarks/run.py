"""One run of the benchmark: open every contestant, check, measure, close."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

from benchmarks.backends import Backends
from benchmarks.burden import burdens
from benchmarks.checks import check_equal_bytes, check_full
from benchmarks.compiling import measure_compiling
from benchmarks.contestants.contestant import Contestant
from benchmarks.contestants.registry import contestants
from benchmarks.data import Shape, check_unchanged
from benchmarks.growth import measure_growth
from benchmarks.machine import machine
from benchmarks.measure import measure
from benchmarks.operations import OPERATIONS, Draw, Operation, draws
from benchmarks.results import Results
from gateway.collector import settle_collector


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. rounds: for one request at a time; bursts take a third of them, growth half.

    requests: in a round, of each contestant; operation D takes one. at_once: requests in flight in a burst. distinct:
    operations that the plan engine has not seen.
    """

    rounds: int = 30
    requests: int = 10
    at_once: int = 64
    checked: int = 20
    distinct: int = 1000
    connections: int = 3


async def run(
    database_url: str,
    shape: Shape,
    operations: Sequence[str],
    names: Sequence[str],
    extent: Extent,
    say: Callable[[str], None],
) -> Results:
    """Everything, in order.

    Raises ``DifferentBytes`` or ``HollowAnswer`` before anything is measured, ``ChangedData`` when the store no longer
    holds ``shape``.
    """
    check_unchanged(database_url, shape)
    results = Results(machine(database_url))
    drawn = draws(database_url, shape)
    found, results.absent = contestants(names, database_url, extent.connections)
    async with opened(found):
        for key in operations:
            await prepare(found, OPERATIONS[key], drawn[key], extent, say)
        with frozen(), closing(Backends(database_url)) as backends:
            for key in operations:
                await measure_operation(results, found, OPERATIONS[key], drawn[key], backends, extent, say)
            if "D" in operations:
                say("measuring how D grows")
                results.growth = await measure_growth(found, shape.long, rounds=max(3, extent.rounds // 2))
    if "plan" in found:
        say(f"compiling {extent.distinct:,} distinct operations")
        [fresh] = contestants(["plan"], database_url, extent.connections)[0].values()
        async with opened({"plan": fresh}):
            results.compiling = await measure_compiling(fresh, drawn["A"], distinct=extent.distinct)
    check_unchanged(database_url, shape)
    return results


async def prepare(
    found: Mapping[str, Contestant], operation: Operation, draw: Draw, extent: Extent, say: Callable[[str], None]
) -> None:
    """Check that all give the same bytes, then ask on every connection at once until each has prepared everything."""
    luck = random.Random(0)
    count = extent.checked if operation.at_once else 1
    wanted = [draw(luck) for _ in range(count)]
    compared = await check_equal_bytes(found, operation, wanted)
    for variables in wanted:
        check_full(operation, variables, await next(iter(found.values())).answer(operation, variables))
    say(f"{operation.title}: {compared} answers compared with {next(iter(found))}'s, equal bytes")
    for contestant in found.values():
        for _ in range(3):
            await asyncio.gather(
                *(contestant.answer(operation, draw(luck)) for _ in range(extent.connections * (1 + operation.at_once)))
            )


async def measure_operation(
    results: Results,
    found: Mapping[str, Contestant],
    operation: Operation,
    draw: Draw,
    backends: Backends,
    extent: Extent,
    say: Callable[[str], None],
) -> None:
    """One at a time, then in bursts, then loop and memory."""
    backends.look()
    say(f"measuring {operation.title}")
    requests = extent.requests if operation.at_once else 1
    results.measurements += await measure(
        found, operation, draw, backends, rounds=extent.rounds, requests=requests, at_once=1
    )
    if operation.at_once and extent.at_once > 1:
        rounds = max(2, extent.rounds // 3)
        results.measurements += await measure(
            found, operation, draw, backends, rounds=rounds, requests=0, at_once=extent.at_once
        )
    results.burdens += await burdens(found, operation, draw(random.Random(4)))


@contextmanager
def frozen() -> Iterator[None]:
    """The garbage collector as the gateway sets it, for all contestants alike."""
    before = gc.get_threshold()
    settle_collector()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@asynccontextmanager
async def opened(found: Mapping[str, Contestant]) -> AsyncIterator[None]:
    """Open every contestant, close every one."""
    async with AsyncExitStack() as stack:
        for contestant in found.values():
            await contestant.open()
            stack.push_async_callback(contestant.close)
        yield
