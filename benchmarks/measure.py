"""Measures contestants side by side: in every round each one in turn, in random order, with the same variables."""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.backends import Backends
from benchmarks.checks import check_full
from benchmarks.contestants.contestant import Contestant
from benchmarks.operations import Draw, Operation, Variables
from benchmarks.results import Measurement


@dataclass(slots=True)
class Tally:
    """What was seen of one contestant so far. Seconds; bodies in bytes."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)
    answers: list[tuple[Variables, bytes]] = field(default_factory=list)
    elapsed: float = 0.0
    statements: int = 0
    postgres: float | None = 0.0

    def weigh(self, operation: Operation) -> None:
        """Look at the answers of a turn and let go of them. Raises ``HollowAnswer``."""
        for variables, body in self.answers:
            check_full(operation, variables, body)
            self.bodies.append(len(body))
        self.answers.clear()

    def measurement(self, operation: Operation, contestant: str, at_once: int) -> Measurement:
        requests = len(self.walls)
        return Measurement(
            operation=operation.key,
            contestant=contestant,
            at_once=at_once,
            requests=requests,
            wall_p50=statistics.median(self.walls) * 1e3,
            wall_p99=percentile(self.walls, 0.99) * 1e3,
            python_cpu=statistics.median(self.cpus) * 1e3,
            postgres_cpu=None if self.postgres is None else self.postgres / requests * 1e3,
            statements=self.statements / requests,
            body=int(statistics.median(self.bodies)),
            per_second=requests / self.elapsed,
        )


async def measure(
    contestants: Mapping[str, Contestant],
    operation: Operation,
    draw: Draw,
    backends: Backends,
    *,
    rounds: int,
    requests: int,
    at_once: int,
    seed: int = 1,
) -> list[Measurement]:
    """Measure every contestant in ``rounds`` rounds of ``requests`` requests, ``at_once`` in flight.

    Returns: one measurement a contestant, in their order.
    """
    luck = random.Random(seed)
    tallies = {name: Tally() for name in contestants}
    for _ in range(rounds):
        wanted = [draw(luck) for _ in range(max(requests, at_once))]
        for name in luck.sample(list(contestants), len(contestants)):
            await one_turn(contestants[name], operation, wanted, tallies[name], backends, at_once=at_once)
    return [tally.measurement(operation, name, at_once) for name, tally in tallies.items()]


async def one_turn(
    contestant: Contestant,
    operation: Operation,
    wanted: Sequence[Variables],
    tally: Tally,
    backends: Backends,
    *,
    at_once: int,
) -> None:
    """Ask one contestant for all of ``wanted``. What the one before it left is collected first, at nobody's cost."""
    gc.collect()
    sent, used, began = contestant.statements, backends.seconds(), time.perf_counter()
    if at_once == 1:
        for variables in wanted:
            cpu = time.process_time()
            await one_request(contestant, operation, variables, tally)
            tally.cpus.append(time.process_time() - cpu)
    else:
        cpu = time.process_time()
        await asyncio.gather(*(one_request(contestant, operation, variables, tally) for variables in wanted))
        tally.cpus.append((time.process_time() - cpu) / len(wanted))
    tally.elapsed += time.perf_counter() - began
    after = backends.seconds()
    tally.weigh(operation)
    tally.statements += contestant.statements - sent
    tally.postgres = None if None in (after, used, tally.postgres) else tally.postgres + after - used  # type: ignore[operator]


async def one_request(contestant: Contestant, operation: Operation, variables: Variables, tally: Tally) -> None:
    began = time.perf_counter()
    body = await contestant.answer(operation, variables)
    tally.walls.append(time.perf_counter() - began)
    tally.answers.append((variables, body))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
