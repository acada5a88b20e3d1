"""Rate limits per client, counted in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence

import pytest
from limits import RateLimitItem

from gateway.load.clients import rate_key
from gateway.load.rates import CLIENTS, RateLimited, Rates
from gateway.load.tallies import Tallies


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client() -> str:
    return f"address {secrets.token_hex(8)}"


@pytest.fixture(params=["memory", "redis"])
async def tallies(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Tallies]:
    found = Tallies(redis_url if request.param == "redis" else None)
    yield found
    assert found.failures == 0
    await found.close()


async def send(rates: Rates, client: str) -> bool:
    try:
        if not rates.pay(client):
            await rates.charge(client)
    except RateLimited:
        return False
    return True


async def test_a_client_may_send_what_the_limit_says_and_no_more(tallies: Tallies, client: str) -> None:
    rates = Rates("137/hour", tallies)

    assert [await send(rates, client) for _ in range(150)] == [True] * 137 + [False] * 13
    assert await send(rates, client + "-other")
    assert rates.refused == 13


async def test_requests_at_the_same_time_count_one_each(tallies: Tallies, client: str) -> None:
    rates = Rates("137/hour", tallies)

    sent = await asyncio.gather(*(send(rates, client) for _ in range(150)))

    assert sum(sent) == 137


async def test_the_refusal_says_how_long_to_wait(tallies: Tallies, client: str) -> None:
    rates = Rates("5/minute", tallies)
    for _ in range(5):
        await send(rates, client)

    with pytest.raises(RateLimited) as caught:
        await rates.charge(client)

    assert (caught.value.status, caught.value.code) == (429, "RATE_LIMITED")
    headers = dict(caught.value.headers)
    assert 1 <= int(headers[b"retry-after"]) <= 60
    assert headers[b"ratelimit-policy"] == b'"5-per-60-s";q=5;w=60'
    assert headers[b"ratelimit"] == b'"5-per-60-s";r=0;t=' + headers[b"retry-after"]
    assert caught.value.message.startswith("more than 5 per 1 minute: try again in ")


async def test_the_shorter_limit_does_not_use_up_the_longer_one(tallies: Tallies, client: str) -> None:
    clock = Clock()
    rates = Rates("100/hour;3/second", tallies, clock=clock)
    sent = 0
    for _ in range(3):
        sent += sum([await send(rates, client) for _ in range(50)])
        await asyncio.sleep(1.1)
        clock.now += 10

    assert 6 <= sent <= 12
    assert sum([await send(rates, client) for _ in range(50)]) >= 1


async def test_processes_share_a_limit_but_for_their_purses(redis_url: str, client: str) -> None:
    shared = [Rates("500/hour", Tallies(redis_url)) for _ in range(2)]

    sent = sum([await send(rates, client) for _ in range(400) for rates in shared])

    assert 500 - shared[0].purse <= sent <= 500
    for rates in shared:
        await rates.close()


async def test_a_purse_spares_round_trips_and_expires(client: str) -> None:
    clock, taken = Clock(), []

    class Counting(Tallies):
        async def take(self, limits: object, key: str, cost: int) -> None:
            taken.append(cost)

    rates = Rates("1000/minute", Counting(None), clock=clock)
    for _ in range(40):
        assert await send(rates, client)
    assert taken == [20, 20]

    assert await send(rates, client)
    clock.now += 1.1
    assert await send(rates, client)

    assert taken == [20, 20, 20, 20]


async def test_a_refusal_is_repeated_without_asking_again(client: str) -> None:
    clock, asked = Clock(), []

    class Counting(Tallies):
        async def take(
            self, limits: Sequence[RateLimitItem], key: str, cost: int
        ) -> tuple[RateLimitItem, float] | None:
            asked.append(cost)
            return await super().take(limits, key, cost)

    rates = Rates("2/hour", Counting(None), clock=clock)
    for _ in range(20):
        await send(rates, client)
    assert asked == [1, 1, 1]

    clock.now += 0.3
    await send(rates, client)

    assert asked == [1, 1, 1, 1]


async def test_without_redis_each_process_counts_for_itself(client: str) -> None:
    tallies = Tallies("redis://127.0.0.1:1/0")
    rates = Rates("5/hour", tallies)

    assert [await send(rates, client) for _ in range(7)] == [True] * 5 + [False] * 2
    assert tallies.failures == 1
    await rates.close()


async def test_clients_are_remembered_up_to_a_number() -> None:
    class Generous(Tallies):
        async def take(self, limits: object, key: str, cost: int) -> None:
            return None

    rates = Rates("1000/minute", Generous(None), clock=Clock())
    for number in range(CLIENTS + 5):
        await rates.charge(f"address {number}")

    assert len(rates._purses) == CLIENTS
    assert not rates.pay("address 0")


@pytest.mark.parametrize(
    ("subject", "client", "key"),
    [
        ("key 7", ("192.0.2.1", 1), "subject key 7"),
        (None, ("192.0.2.1", 1), "address 192.0.2.1"),
        (None, ("::ffff:192.0.2.1", 1), "address 192.0.2.1"),
        (None, ("2001:db8:1:2:3::4", 1), "address 2001:db8:1:2::/64"),
        (None, ("unix", 0), "address unix"),
        (None, None, "address unknown"),
    ],
)
def test_who_a_request_counts_for(subject: str | None, client: tuple[str, int] | None, key: str) -> None:
    assert rate_key(subject, {"type": "http", "client": client}) == key


async def test_a_request_that_counts_for_somebody_else_is_given_back(tallies: Tallies, client: str) -> None:
    rates = Rates("5/minute", tallies)

    for _ in range(20):
        await rates.count(client)
        rates.refund(client)

    assert [await send(rates, client) for _ in range(7)] == [True] * 5 + [False] * 2


async def test_what_is_given_back_after_a_refusal_can_be_spent_once(tallies: Tallies, client: str) -> None:
    rates = Rates("5/minute", tallies)
    assert [await send(rates, client) for _ in range(6)] == [True] * 5 + [False]

    rates.refund(client)

    assert [await send(rates, client) for _ in range(3)] == [True, False, False]
    rates.refund(f"{client} who never came")


async def test_what_is_given_back_is_worth_nothing_after_its_window(client: str) -> None:
    clock = Clock()
    rates = Rates("5/minute", Tallies(None), clock=clock)
    for _ in range(5):
        await rates.count(client)
    rates.refund(client)

    clock.now += 61

    assert not rates.pay(client)


async def test_what_is_given_back_revives_nothing_that_has_expired(client: str) -> None:
    clock = Clock()
    rates = Rates("1000/minute", Tallies(None), clock=clock)
    await rates.count(client)

    clock.now += 2
    rates.refund(client)

    assert [rates.pay(client) for _ in range(2)] == [True, False]


async def test_what_is_given_back_does_not_make_a_refusal_last(client: str) -> None:
    clock, asked = Clock(), []

    class Counting(Tallies):
        async def take(
            self, limits: Sequence[RateLimitItem], key: str, cost: int
        ) -> tuple[RateLimitItem, float] | None:
            asked.append(cost)
            return await super().take(limits, key, cost)

    rates = Rates("1/minute", Counting(None), clock=clock)
    assert [await send(rates, client) for _ in range(2)] == [True, False]
    rates.refund(client)

    assert [await send(rates, client) for _ in range(3)] == [True, False, False]
    clock.now += 1
    assert not await send(rates, client)

    assert asked == [1, 1, 1, 1]
