"""What all workers together may ask: the same in the store and in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.connections import connect
from sync.politeness.allowances import Allowances, Failure, Turn
from sync.politeness.memory import MemoryAllowances
from sync.politeness.rates import Bucket
from sync.politeness.store import StoreAllowances, forget
from tests.sync.larder import Larder

SLOW = Bucket("slow", 0.01, 3)
WIDE = Bucket("wide", 1_000, 1_000)
PROBE_SECONDS = 60.0
ONCE = Failure(0, opens_after=3, open_seconds=50)


@pytest.fixture(params=["memory", "store"])
async def allowances(request: pytest.FixtureRequest) -> AsyncIterator[Allowances]:
    if request.param == "store":
        request.getfixturevalue("store")
    found = StoreAllowances("bakery") if request.param == "store" else MemoryAllowances()
    yield found
    await found.aclose()


async def ask(allowances: Allowances, *buckets: Bucket) -> Turn:
    return await allowances.ask(buckets, PROBE_SECONDS)


def seconds_until(instant: datetime | None) -> float:
    assert instant is not None
    return (instant - datetime.now(UTC)).total_seconds()


async def test_a_bucket_gives_its_burst_and_then_by_and_by(allowances: Allowances) -> None:
    turns = [await ask(allowances, SLOW) for _ in range(5)]

    assert [turn.granted for turn in turns] == [True, True, True, False, False]
    assert [turn.wait_seconds for turn in turns[:3]] == [0, 0, 0]
    assert all(90 < turn.wait_seconds < 100 for turn in turns[3:])


async def test_a_token_that_comes_within_a_second_is_reserved(allowances: Allowances) -> None:
    bucket = Bucket("b", 2, 1)

    turns = [await ask(allowances, bucket) for _ in range(4)]

    assert [turn.granted for turn in turns] == [True, True, True, False]
    assert [round(turn.wait_seconds, 1) for turn in turns] == pytest.approx([0, 0.5, 1, 0.5], abs=0.2)


async def test_a_bucket_fills_up_to_its_burst_and_no_further(allowances: Allowances) -> None:
    bucket = Bucket("b", 2, 2)
    await asyncio.gather(*(ask(allowances, bucket) for _ in range(2)))
    await asyncio.sleep(1.6)

    waits = [(await ask(allowances, bucket)).wait_seconds for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert waits[2] > 0


async def test_a_turn_takes_from_every_bucket_or_from_none(allowances: Allowances) -> None:
    for _ in range(3):
        await ask(allowances, SLOW)
    two = Bucket("two", 0.01, 2)

    both = [await ask(allowances, SLOW, two) for _ in range(5)]
    alone = [await ask(allowances, two) for _ in range(3)]

    assert [turn.granted for turn in both] == [False] * 5
    assert [turn.granted for turn in alone] == [True, True, False]


async def test_who_asks_for_time_gets_it(allowances: Allowances) -> None:
    turn = await ask(allowances, WIDE)

    closed_until = await allowances.failed(turn, Failure(40, opens_after=5, open_seconds=10))
    after = await ask(allowances, WIDE)

    assert 30 < seconds_until(closed_until) <= 41
    assert (after.granted, after.closed_until, after.failures) == (False, closed_until, 1)
    assert 30 < after.wait_seconds <= 41


async def test_failures_in_a_row_close_and_a_success_between_them_does_not(allowances: Allowances) -> None:
    async def fail() -> datetime | None:
        return await allowances.failed(await ask(allowances, WIDE), ONCE)

    assert [await fail(), await fail()] == [None, None]
    await allowances.succeeded(await ask(allowances, WIDE))
    assert [await fail(), await fail()] == [None, None]
    closed_until = await fail()

    assert 40 < seconds_until(closed_until) <= 51
    assert (await ask(allowances, WIDE)).granted is False


async def test_requests_under_way_when_it_closes_count_once(allowances: Allowances) -> None:
    turns = [await ask(allowances, WIDE) for _ in range(8)]
    told = Failure(0.2, opens_after=3, open_seconds=50)

    for turn in turns:
        await allowances.failed(turn, told)
    after = await ask(allowances, WIDE)

    assert (after.granted, after.failures) == (False, 1)
    assert after.wait_seconds <= 0.3


async def test_a_success_under_way_does_not_open_what_is_closed(allowances: Allowances) -> None:
    early, failing = await ask(allowances, WIDE), await ask(allowances, WIDE)
    await allowances.failed(failing, Failure(40, opens_after=5, open_seconds=10))

    await allowances.succeeded(early)

    assert (await ask(allowances, WIDE)).granted is False


async def closed_and_past(allowances: Allowances, failures: int = 1) -> Turn:
    """The probe of a source that was closed for a moment."""
    told = Failure(0.05, opens_after=3, open_seconds=0.05)
    for _ in range(failures):
        turn = await ask(allowances, WIDE)
        await allowances.failed(turn, told)
        await asyncio.sleep(0.1)
    return await ask(allowances, WIDE)


async def test_past_its_instant_one_request_goes_ahead(allowances: Allowances) -> None:
    probe = await closed_and_past(allowances)

    others = [await ask(allowances, WIDE) for _ in range(3)]

    assert (probe.granted, probe.probe) == (True, True)
    assert [turn.granted for turn in others] == [False] * 3
    assert all(50 < turn.wait_seconds <= 61 for turn in others)


async def test_who_is_sent_away_takes_no_token(allowances: Allowances) -> None:
    await allowances.failed(await ask(allowances, SLOW), Failure(40, opens_after=3, open_seconds=1))
    sent_away = [await ask(allowances, SLOW) for _ in range(5)]
    probe = replace(sent_away[0], granted=True, probe=True)
    await allowances.succeeded(probe)

    turns = [await ask(allowances, SLOW) for _ in range(3)]

    assert not any(turn.granted for turn in sent_away)
    assert [turn.granted for turn in turns] == [True, True, False]


async def test_a_probe_that_succeeds_opens_for_all(allowances: Allowances) -> None:
    await allowances.succeeded(await closed_and_past(allowances))

    turns = [await ask(allowances, WIDE) for _ in range(3)]

    assert [(turn.granted, turn.probe, turn.failures) for turn in turns] == [(True, False, 0)] * 3


async def test_a_probe_that_fails_closes_again(allowances: Allowances) -> None:
    probe = await closed_and_past(allowances, failures=2)

    closed_until = await allowances.failed(probe, ONCE)

    assert 40 < seconds_until(closed_until) <= 51
    assert (await ask(allowances, WIDE)).failures == 3


async def test_a_probe_that_is_never_heard_of_blocks_for_its_time_only(allowances: Allowances) -> None:
    await allowances.failed(await allowances.ask([WIDE], 0.1), Failure(0.05, opens_after=3, open_seconds=1))
    await asyncio.sleep(0.1)
    silent = await allowances.ask([WIDE], 0.1)
    await asyncio.sleep(0.15)

    another = await allowances.ask([WIDE], 0.1)

    assert (silent.probe, another.granted, another.probe) == (True, True, True)


async def test_without_a_rate_only_the_breaker_counts(allowances: Allowances) -> None:
    assert [(await ask(allowances)).granted for _ in range(3)] == [True] * 3


async def test_workers_share_what_a_source_may_be_asked(store: str) -> None:
    bucket = Bucket("b", 0.01, 50)
    workers = [StoreAllowances("bakery") for _ in range(8)]

    turns = await asyncio.gather(*(worker.ask([bucket, WIDE], PROBE_SECONDS) for worker in workers for _ in range(20)))

    assert sum(turn.granted for turn in turns) == 50
    await asyncio.gather(*(worker.aclose() for worker in workers))


async def test_of_all_workers_one_probes(store: str) -> None:
    workers = [StoreAllowances("bakery") for _ in range(8)]
    await workers[0].failed(await workers[0].ask([WIDE], 60), Failure(0.05, opens_after=3, open_seconds=1))
    await asyncio.sleep(0.1)

    turns = await asyncio.gather(*(worker.ask([WIDE], PROBE_SECONDS) for worker in workers))

    assert sorted((turn.granted, turn.probe) for turn in turns) == [(False, False)] * 7 + [(True, True)]
    await asyncio.gather(*(worker.aclose() for worker in workers))


async def test_sources_are_apart(store: str) -> None:
    bakery, butcher = StoreAllowances("bakery"), StoreAllowances("butcher")
    await bakery.failed(await bakery.ask([SLOW], 60), Failure(40, opens_after=3, open_seconds=1))

    turn = await butcher.ask([SLOW], 60)

    assert turn.granted
    await asyncio.gather(bakery.aclose(), butcher.aclose())


async def test_a_success_costs_no_statement_of_its_own(larder: Larder) -> None:
    allowances = StoreAllowances("bakery")
    await allowances.succeeded(await allowances.ask([WIDE], 60))
    before = larder.rows("SELECT xmin, * FROM larder_sync_allowance ORDER BY id")

    await allowances.succeeded(Turn(granted=True, wait_seconds=0))

    assert larder.rows("SELECT xmin, * FROM larder_sync_allowance ORDER BY id") == before
    await allowances.aclose()


async def test_buckets_that_nobody_uses_are_forgotten(larder: Larder) -> None:
    allowances = StoreAllowances("bakery")
    await allowances.ask([SLOW, WIDE], 60)
    larder.execute(
        "UPDATE larder_sync_allowance SET filled_at = filled_at - %s WHERE bucket = 'slow'", timedelta(hours=3)
    )

    async with await connect() as connection:
        await forget(connection, 2)

    assert larder.rows("SELECT bucket FROM larder_sync_allowance ORDER BY bucket") == [("",), ("wide",)]
    await allowances.aclose()


async def test_a_bucket_that_was_forgotten_starts_full(larder: Larder) -> None:
    allowances = StoreAllowances("bakery")
    await allowances.ask([SLOW], 60)
    larder.execute("DELETE FROM larder_sync_allowance")

    turn = await allowances.ask([SLOW], 60)

    assert (turn.granted, turn.wait_seconds) == (True, 0)
    await allowances.aclose()
