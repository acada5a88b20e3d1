"""The response cache: what is given again, what is not, and how often anything is executed."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gateway.cache.answers import ResponseCache, Staleness
from gateway.cache.entries import Work
from gateway.cache.heads import StoreHeads
from gateway.cache.renewal import Renewal
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.responses import Answer
from loaders.stamps import Stamp
from tests.gateway.cache.kitchen import Kitchen, rename, until

KEY = "the name"
FAILURE = Answer({"errors": [{"message": "…", "extensions": {"code": "STORE_UNAVAILABLE"}}]}, executed=True)


async def test_an_answer_is_given_again_without_execution(cache: ResponseCache, kitchen: Kitchen) -> None:
    first = await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    second = await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (first.outcome, second.outcome) == ("miss", "hit")
    assert second.answer.payload == first.answer.payload == b'{"data":"one"}'
    assert cache.hit(KEY) is second.entry
    assert kitchen.executions == 1


async def test_a_write_ends_it(store: str, cache: ResponseCache, kitchen: Kitchen) -> None:
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    rename(store, "two")
    await asyncio.sleep(cache.watch.bound_seconds)

    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload == b'{"data":"two"}'
    assert kitchen.executions == 2


async def test_a_write_to_something_else_does_not(store: str, cache: ResponseCache, kitchen: Kitchen) -> None:
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("UPDATE larder_source SET kind = 'other'")
    await cache.watch.refreshed(anew=True)

    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "hit"


async def test_the_clock_ends_it_without_a_write(cache: ResponseCache, kitchen: Kitchen) -> None:
    kitchen.changes_at = datetime.now(UTC) + timedelta(seconds=0.3)
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "hit"

    await asyncio.sleep(0.4)

    assert cache.hit(KEY) is None
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "miss"


async def test_a_thousand_who_ask_together_cost_one_execution(cache: ResponseCache, kitchen: Kitchen) -> None:
    kitchen.slow = 0.2

    found = await asyncio.gather(*[cache.find(KEY, kitchen.work, Exchange("GET", "/graphql")) for _ in range(1000)])

    assert kitchen.executions == 1
    assert all(one.answer.payload == b'{"data":"one"}' for one in found)
    assert cache.counters == {"miss": 1, "shared": 999, "executions": 1}


async def test_who_comes_late_to_a_flight_checks_what_it_has_seen(
    store: str, cache: ResponseCache, kitchen: Kitchen
) -> None:
    kitchen.slow = 0.5
    first = asyncio.create_task(cache.find(KEY, kitchen.work, Exchange("GET", "/graphql")))
    await asyncio.sleep(0.2)
    rename(store, "two")
    await asyncio.sleep(cache.watch.bound_seconds)

    second = await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (await first).answer.payload == b'{"data":"one"}'
    assert second.answer.payload == b'{"data":"two"}'


async def test_who_asks_past_an_instant_shares_no_flight_from_before(cache: ResponseCache, kitchen: Kitchen) -> None:
    cache.watch.bound_seconds = 60.0
    kitchen.slow, kitchen.changes_at = 0.3, datetime.now(UTC) + timedelta(seconds=0.1)
    first = asyncio.create_task(cache.find(KEY, kitchen.work, Exchange("GET", "/graphql")))
    await asyncio.sleep(0.15)
    # What the next execution finds.
    kitchen.changes_at = None

    second = await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (await first).outcome == second.outcome == "miss"
    assert kitchen.executions == 2


async def test_who_comes_in_the_tick_in_which_a_flight_ends_too_old_begins_another(cache: ResponseCache) -> None:
    loop = asyncio.get_running_loop()
    gates = [loop.create_future(), loop.create_future()]
    executions = 0

    async def make(exchange: Exchange) -> Answer:
        nonlocal executions
        executions += 1
        if executions > 1:
            return Answer(b"{}", executed=True)
        changes_at = datetime.now(UTC) + timedelta(seconds=0.01)
        await gates[0]
        return Answer(b"{}", executed=True, stamp=Stamp({}, datetime.now(UTC), changes_at))

    async def late() -> None:
        await gates[1]
        await cache.find(KEY, work, Exchange("GET", "/graphql"))

    work = Work(make)
    waiting = [asyncio.create_task(cache.find(KEY, work, Exchange("GET", "/graphql"))), asyncio.create_task(late())]
    await asyncio.sleep(0.05)
    for gate in gates:
        gate.set_result(None)

    await asyncio.gather(*waiting)

    assert executions == 2


async def test_one_who_hangs_up_takes_the_answer_from_nobody(cache: ResponseCache, kitchen: Kitchen) -> None:
    kitchen.slow = 0.2
    leader = asyncio.create_task(cache.find(KEY, kitchen.work, Exchange("GET", "/graphql")))
    await asyncio.sleep(0.05)
    follower = asyncio.create_task(cache.find(KEY, kitchen.work, Exchange("GET", "/graphql")))
    await asyncio.sleep(0.05)

    leader.cancel()

    assert (await follower).answer.payload == b'{"data":"one"}'
    assert kitchen.executions == 1


async def test_errors_are_not_kept(cache: ResponseCache, kitchen: Kitchen) -> None:
    kitchen.answer = FAILURE
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).entry is None

    kitchen.answer = None
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload == b'{"data":"one"}'


async def test_an_exception_is_told_to_all_who_wait_and_not_kept(cache: ResponseCache, kitchen: Kitchen) -> None:
    async def failing(exchange: Exchange) -> Answer:
        await asyncio.sleep(0.05)
        raise ValueError("broken")

    results = await asyncio.gather(
        *[cache.find(KEY, Work(failing), Exchange("GET", "/graphql")) for _ in range(3)], return_exceptions=True
    )

    assert [type(result) for result in results] == [ValueError] * 3
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "miss"


async def test_nothing_outdated_is_given_unless_allowed(store: str, lenient: ResponseCache, kitchen: Kitchen) -> None:
    await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    rename(store, "two")
    await asyncio.sleep(lenient.watch.bound_seconds)

    stale = await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    assert (stale.outcome, stale.answer.payload) == ("stale", b'{"data":"one"}')

    async def renewed() -> bool:
        return (await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload == b'{"data":"two"}'

    await until(renewed)
    assert kitchen.executions == 2


@pytest.mark.parametrize("broken", ["execution", "heads"])
async def test_where_the_store_fails_an_answer_may_be_stale(
    lenient: ResponseCache, kitchen: Kitchen, broken: str
) -> None:
    await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    kitchen.answer = FAILURE
    if broken == "heads":
        await lenient.watch.close()
        lenient.watch.store = StoreHeads("host=/nowhere")
    else:
        rename(kitchen.database_url, "two")
        lenient.staleness = Staleness(if_error_seconds=60)
    await asyncio.sleep(2 * lenient.watch.bound_seconds)

    found = await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (found.outcome, found.answer.payload) == ("stale", b'{"data":"one"}')


async def test_stale_never_goes_beyond_the_clock(store: str, lenient: ResponseCache, kitchen: Kitchen) -> None:
    kitchen.changes_at = datetime.now(UTC) + timedelta(seconds=0.3)
    await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    kitchen.answer = FAILURE
    await asyncio.sleep(0.4)

    assert (await lenient.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer is FAILURE


async def test_what_is_asked_for_is_made_again_before_the_next_visitor(
    store: str, cache: ResponseCache, kitchen: Kitchen
) -> None:
    renewal = Renewal(cache)
    await renewal.open()
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    rename(store, "two")

    async def renewed() -> bool:
        return bool(cache.counters["renewed"]) and not cache._flights

    await until(renewed)
    assert (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "hit"
    assert kitchen.executions == 2
    await renewal.close()


async def test_what_nobody_asked_for_is_left_alone(store: str, cache: ResponseCache, kitchen: Kitchen) -> None:
    renewal = Renewal(cache)
    await renewal.open()
    await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    rename(store, "two")
    await cache.watch.refreshed(anew=True)
    await asyncio.sleep(0.1)

    assert kitchen.executions == 1
    await renewal.close()


async def test_no_answer_is_older_than_the_bound_while_everything_changes(
    store: str, cache: ResponseCache, kitchen: Kitchen
) -> None:
    renewal = Renewal(cache)
    await renewal.open()
    committed: list[tuple[float, int]] = [(float("-inf"), 0)]
    over, old = asyncio.Event(), 0
    draw = random.Random(5)  # noqa: S311 - no secret

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
            for version in range(1, 60):
                await connection.execute("UPDATE larder_location SET name = %s", [str(version)])
                committed.append((time.monotonic(), version))
                await asyncio.sleep(draw.random() * 0.05)
        over.set()

    async def read() -> None:
        nonlocal old
        while not over.is_set():
            asked = time.monotonic()
            payload = (await cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload
            assert isinstance(payload, bytes)
            seen = 0 if payload == b'{"data":"one"}' else int(payload[9:-2])
            old += seen < max(version for at, version in committed if at <= asked - cache.watch.bound_seconds)
            await asyncio.sleep(draw.random() * 0.005)

    await asyncio.gather(write(), *[read() for _ in range(8)])

    assert old == 0
    assert cache.counters["hit"] > kitchen.executions
    await renewal.close()
