"""Admission: who is let in, who waits, who is sent away; and the limit that it finds for a simulated service.

The simulations run on an event loop whose time jumps, so they are exact, whatever the machine does.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.endpoint.exchange import Exchange
from gateway.load.admission import QUEUE, Admission, Overloaded
from gateway.load.gradient import CALM, OPERATIONS, Gradient


class JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        return found


def drawn() -> random.Random:
    return random.Random(7)  # noqa: S311 - a simulation has no secrets


def simulate(work: Coroutine[Any, Any, None]) -> None:
    selector = JumpingSelector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


@dataclass
class Service:
    """Each execution waits for a store, then takes its turn on the one CPU."""

    cpu_seconds: float = 0.002
    store_seconds: float = 0.002
    admission: Admission | None = None
    latencies: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    executing: int = 0
    busiest: int = 0

    def __post_init__(self) -> None:
        self.cpu = asyncio.Lock()

    async def request(self, operation: str = "Page", weight: float = 1.0) -> None:
        loop = asyncio.get_running_loop()
        came = loop.time()
        exchange = Exchange("POST", "/graphql", operation=operation)
        try:
            assert self.admission is not None
            async with self.admission.slot(exchange):
                self.executing += 1
                self.busiest = max(self.busiest, self.executing)
                await asyncio.sleep(self.store_seconds * weight)
                async with self.cpu:
                    await asyncio.sleep(self.cpu_seconds * weight)
                self.executing -= 1
        except Overloaded:
            self.refusals.append(loop.time() - came)
        else:
            self.latencies.append(loop.time() - came)

    async def offered(self, per_second: float, seconds: float, luck: random.Random, **request: Any) -> None:
        loop = asyncio.get_running_loop()
        end, tasks = loop.time() + seconds, []
        while loop.time() < end:
            tasks.append(loop.create_task(self.request(**request)))
            await asyncio.sleep(luck.expovariate(per_second))
        await asyncio.gather(*tasks)

    def forget(self) -> None:
        self.latencies, self.refusals = [], []


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def test_four_times_the_capacity_is_refused_promptly_and_the_rest_is_fast() -> None:
    async def run() -> None:
        loop, luck = asyncio.get_running_loop(), drawn()
        service = Service(admission=Admission(Gradient(), clock=loop.time))
        capacity = 1 / service.cpu_seconds
        await service.offered(capacity * 0.2, 5, luck)
        unloaded = p99(service.latencies)
        assert not service.refusals
        service.forget()

        await service.offered(capacity * 4, 12, luck)

        assert p99(service.latencies) <= 3 * unloaded
        assert len(service.latencies) >= capacity * 12 * 0.9
        assert p99(service.refusals) <= 0.02
        service.forget()

        await service.offered(capacity * 0.2, 1, luck)

        assert not service.refusals
        assert p99(service.latencies) <= 1.5 * unloaded

    simulate(run())


def test_without_admission_the_same_load_piles_up() -> None:
    async def run() -> None:
        loop, luck = asyncio.get_running_loop(), drawn()
        service = Service(admission=Admission(None, clock=loop.time))

        await service.offered(4 / service.cpu_seconds, 5, luck)

        assert p99(service.latencies) > 5
        assert not service.refusals

    simulate(run())


def test_a_store_that_answers_many_at_once_is_asked_by_many_at_once() -> None:
    async def run() -> None:
        loop, luck = asyncio.get_running_loop(), drawn()
        service = Service(0.0001, 0.05, Admission(Gradient(), clock=loop.time))
        await service.offered(20, 10, luck)

        await service.offered(1000, 3, luck)
        service.forget()
        await service.offered(1000, 2, luck)

        assert service.busiest > 40
        assert not service.refusals

    simulate(run())


def test_a_mixture_of_light_and_heavy_operations_is_no_load() -> None:
    async def run() -> None:
        loop, luck = asyncio.get_running_loop(), drawn()
        service = Service(admission=Admission(Gradient(), clock=loop.time))

        await asyncio.gather(
            service.offered(50, 20, luck, operation="Light"),
            service.offered(2, 20, luck, operation="Heavy", weight=40.0),
        )

        assert not service.refusals

    simulate(run())


def test_a_service_that_has_become_slower_for_good_is_measured_anew() -> None:
    async def run() -> None:
        loop, luck = asyncio.get_running_loop(), drawn()
        gradient = Gradient()
        service = Service(0.0001, 0.01, Admission(gradient, clock=loop.time))
        await service.offered(50, 5, luck)
        service.store_seconds = 0.1

        await service.offered(200, 45, luck)
        service.forget()
        await service.offered(200, 5, luck)

        assert gradient.limit > 20
        assert len(service.refusals) < len(service.latencies) * 0.05

    simulate(run())


def test_a_burst_waits_and_passes() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        service = Service(admission=Admission(Gradient(limit=4), clock=loop.time))

        await asyncio.gather(*(service.request() for _ in range(30)))

        assert len(service.latencies) == 30

    simulate(run())


def test_first_come_first_served_while_the_queue_is_young_and_newest_first_once_it_stands() -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        admission = Admission(Gradient(limit=4), clock=loop.time)
        order: list[str] = []

        async def wait(name: str) -> None:
            await admission.enter()
            order.append(name)

        for _ in range(4):
            await admission.enter()
        young = [loop.create_task(wait(name)) for name in "ab"]
        await asyncio.sleep(0.001)
        admission.leave(None, 0, 1, done=False)
        await asyncio.sleep(0)
        assert order == ["a"]
        late = [loop.create_task(wait("x")), loop.create_task(wait("y"))]
        await asyncio.sleep(0.0985)
        late += [loop.create_task(wait(name)) for name in "cd"]
        await asyncio.sleep(0.004)
        admission.leave(None, 0, 1, done=False)
        await asyncio.sleep(0)
        assert order == ["a", "d"]

        results = await asyncio.gather(*young, *late, return_exceptions=True)

        assert [type(result) for result in results] == [type(None), *[Overloaded] * 4, type(None)]
        assert admission.refused == 4
        assert admission.waiting == 0

    simulate(run())


async def test_a_full_queue_refuses_at_once() -> None:
    admission = Admission(Gradient(limit=4), clock=lambda: 0.0)
    for _ in range(4):
        await admission.enter()
    waiting = [asyncio.ensure_future(admission.enter()) for _ in range(QUEUE)]
    await asyncio.sleep(0)

    with pytest.raises(Overloaded) as caught:
        await admission.enter()

    assert (caught.value.status, caught.value.code) == (503, "OVERLOADED")
    assert caught.value.headers == ((b"retry-after", b"1"),)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert admission.waiting == 0


async def test_whoever_is_cancelled_leaves_queue_and_slot() -> None:
    admission = Admission(Gradient(limit=4), clock=lambda: 0.0)
    for _ in range(4):
        await admission.enter()
    queued, given = asyncio.ensure_future(admission.enter()), asyncio.ensure_future(admission.enter())
    await asyncio.sleep(0)
    queued.cancel()
    await asyncio.sleep(0)
    assert admission.waiting == 1

    # The turn comes in the same tick as the cancellation.
    admission.leave(None, 0, 1, done=False)
    given.cancel()
    await asyncio.gather(queued, given, return_exceptions=True)

    assert admission.waiting == 0
    assert admission.running == 3


async def test_an_execution_that_fails_gives_its_slot_back() -> None:
    admission = Admission(Gradient())
    exchange = Exchange("POST", "/graphql")

    async def fail() -> None:
        async with admission.slot(exchange):
            assert admission.running == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert admission.running == 0
    assert exchange.phases.keys() == {"queue"}


def test_the_limit_stays_within_its_bounds() -> None:
    gradient = Gradient(least=4, most=50)
    gradient.sample("Page", 0.01, 1, 0.0)
    limits = Counter[int]()
    for step in range(1, 2000):
        gradient.sample("Page", 10.0 if step < 1000 else 0.01, 60, step / 100)
        limits[int(gradient.limit)] += 1

    assert (min(limits), max(limits)) == (4, 50)


def test_operations_are_remembered_up_to_a_number() -> None:
    gradient = Gradient()
    for number in range(OPERATIONS + 5):
        gradient.sample(number, 0.01, CALM, 0.0)

    assert len(gradient._at_rest) == OPERATIONS
    assert 0 not in gradient._at_rest


def test_what_is_slow_under_load_is_not_taken_for_rest() -> None:
    gradient = Gradient(limit=8)
    now = 0.0

    def sample(seconds: float, *, loaded: bool) -> None:
        nonlocal now
        now += 0.01
        gradient.sample("Page", seconds, 1, now, loaded=loaded)

    for _ in range(50):
        sample(0.002, loaded=False)
    for _ in range(500):
        sample(0.020, loaded=True)
    assert gradient._at_rest["Page"] == pytest.approx(0.002)

    for _ in range(600):
        # Ten seconds later it measures anew: the service may have become slower.
        sample(0.020, loaded=True)
    assert 0.005 < gradient._at_rest["Page"] < 0.020

    sample(0.001, loaded=True)
    assert gradient._at_rest["Page"] < 0.016


async def test_who_would_be_refused_anyway_is_refused_before_the_request_is_read() -> None:
    admission = Admission(Gradient(limit=4), clock=lambda: 0.0)
    await asyncio.gather(*(admission.enter() for _ in range(4)))
    admission.refuse_early()
    admission._short_until = 1.0
    waiting = [asyncio.ensure_future(admission.enter()) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        admission.refuse_early()

    assert admission.refused == 1
    for waiter in waiting:
        waiter.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
