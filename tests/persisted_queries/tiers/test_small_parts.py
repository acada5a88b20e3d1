"""Negative memory, single flight, breaker."""

from __future__ import annotations

import asyncio

import pytest

from persisted_queries.breaker import Breaker
from persisted_queries.flights import Flights
from persisted_queries.negative import Negative
from tests.persisted_queries.tiers.serving import until


async def test_negative_ids_are_forgotten_after_their_time() -> None:
    negative = Negative(seconds=0.05)
    negative.add("a")
    assert "a" in negative

    await asyncio.sleep(0.06)

    assert "a" not in negative
    assert len(negative) == 0


def test_negative_ids_are_bounded() -> None:
    negative = Negative(capacity=2)

    for name in "abc":
        negative.add(name)

    assert [name in negative for name in "abc"] == [False, True, True]


async def test_many_waiters_share_one_flight() -> None:
    flights: Flights[str] = Flights()
    began = []

    async def work() -> str:
        began.append(1)
        await asyncio.sleep(0.01)
        return "landed"

    results = await asyncio.gather(*(flights.join("key", work) for _ in range(50)))

    assert results == ["landed"] * 50
    assert (len(began), len(flights)) == (1, 0)


async def test_a_cancelled_waiter_harms_nobody() -> None:
    flights: Flights[str] = Flights()

    async def work() -> str:
        await asyncio.sleep(0.02)
        return "landed"

    first = asyncio.create_task(flights.join("key", work))
    await asyncio.sleep(0)
    second = asyncio.create_task(flights.join("key", work))
    await asyncio.sleep(0.005)
    first.cancel()

    assert await second == "landed"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_every_waiter_gets_the_failure_and_the_next_one_a_new_flight() -> None:
    flights: Flights[str] = Flights()

    async def fail() -> str:
        await asyncio.sleep(0)
        raise LookupError("lost")

    failures = await asyncio.gather(*(flights.join("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [LookupError] * 3

    async def work() -> str:
        return "landed"

    assert await flights.join("key", work) == "landed"


async def test_the_breaker_opens_after_failures_in_a_row_and_closes_when_a_probe_succeeds() -> None:
    well = False
    probes = []

    async def probe() -> bool:
        probes.append(well)
        return well

    breaker = Breaker(probe, failures=3, rest_seconds=0.01)
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(2):
        breaker.failed()
    assert not breaker.open

    breaker.failed()
    assert breaker.open
    await until(lambda: len(probes) >= 2)
    assert breaker.open

    well = True
    await until(lambda: not breaker.open)
    assert (breaker.opened, probes[0], probes[-1]) == (1, False, True)


async def test_a_breaker_that_is_stopped_ends_its_probing() -> None:
    async def probe() -> bool:
        return False

    breaker = Breaker(probe, failures=1, rest_seconds=60)
    breaker.failed()

    await breaker.stop()

    assert len(asyncio.all_tasks()) == 1
