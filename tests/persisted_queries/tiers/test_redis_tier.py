"""What Redis holds is believed only if it is what was written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from persisted_queries.budgets import Budget
from persisted_queries.documents import Document, sha256_of
from persisted_queries.redis_tier import RedisTier
from persisted_queries.redis_values import value_of
from persisted_queries.store import Reading
from tests.persisted_queries.pushes import ITEM, LISTED

KEY = "larder:document:app~item"
READING = Reading(7, Document(sha256_of(ITEM), ITEM, ("ios", "web")))
OTHER = Document(sha256_of(LISTED), LISTED, ("ios", "web"))


@pytest.fixture
async def tier(redis: Redis, redis_url: str) -> AsyncIterator[RedisTier]:
    opened = RedisTier(redis_url, secret=b"shared", timeout_seconds=1.0)
    await opened.open()
    opened.write("app~item", READING)
    await opened.settled()
    yield opened
    await opened.close()


async def test_what_is_written_is_read_again(tier: RedisTier, redis: Redis) -> None:
    assert await tier.read("app~item") == READING
    assert await tier.read("app~other") is None

    assert 0 < await redis.ttl(KEY) <= tier.ttl_seconds
    assert dict(tier.counters) == {"written": 1, "hits": 1, "misses": 1}


async def test_a_budget_is_read_again(tier: RedisTier) -> None:
    document = Document(sha256_of(ITEM), ITEM, ("web",), Budget(cost=80_000, depth=20))
    tier.write("app~item", Reading(8, document))
    await tier.settled()

    assert await tier.read("app~item") == Reading(8, document)


async def test_a_value_from_before_there_were_budgets_is_a_miss(tier: RedisTier, redis: Redis) -> None:
    await redis.hdel(KEY, "budget")

    assert await tier.read("app~item") is None

    await tier.settled()
    assert (tier.counters["misses"], tier.counters["poisoned"]) == (1, 0)
    assert await redis.exists(KEY)


FORGED: list[dict[str, Any]] = [
    {"text": LISTED},
    {"text": LISTED, "sha256": OTHER.sha256},
    {"clients": b'["android"]'},
    {"generation": b"8"},
    {"budget": b'{"cost":1000000}'},
    {"budget": b""},
    {"seal": b""},
    {"text": b"\xff"},
    dict(value_of("app~item", Reading(7, OTHER), OTHER, b"guessed")),
    dict(value_of("app~other", Reading(7, OTHER), OTHER, b"shared")),
]


@pytest.mark.parametrize("fields", FORGED)
async def test_a_poisoned_value_is_dropped_and_counted(tier: RedisTier, redis: Redis, fields: dict[str, Any]) -> None:
    await redis.hset(KEY, mapping=fields)  # type: ignore[arg-type]

    assert await tier.read("app~item") is None

    await tier.settled()
    assert tier.counters["poisoned"] == 1
    assert not await redis.exists(KEY)


async def test_a_hash_as_id_is_that_of_the_text_even_if_the_seal_is_right(tier: RedisTier, redis: Redis) -> None:
    key = f"larder:document:sha256:{sha256_of(ITEM)}"
    forged = value_of(f"sha256:{sha256_of(ITEM)}", Reading(7, OTHER), OTHER, b"shared")
    await redis.hset(key, mapping=dict(forged))  # type: ignore[arg-type]

    assert await tier.read(f"sha256:{sha256_of(ITEM)}") is None
    assert tier.counters["poisoned"] == 1


@pytest.mark.parametrize("missing", ["id", "sha256", "clients", "generation", "seal", "text"])
async def test_a_value_with_a_hole_is_dropped(tier: RedisTier, redis: Redis, missing: str) -> None:
    await redis.hdel(KEY, missing)

    assert await tier.read("app~item") is None
    assert tier.counters["poisoned"] == 1


async def test_a_key_of_another_type_is_replaced(tier: RedisTier, redis: Redis) -> None:
    await redis.set(KEY, "not a hash")

    assert await tier.read("app~item") is None
    tier.write("app~item", READING)
    await tier.settled()

    assert await tier.read("app~item") == READING
    assert (tier.counters["poisoned"], tier.breaker.opened) == (1, 0)


async def test_waiting_writes_are_bounded(redis_url: str) -> None:
    unopened = RedisTier(redis_url)

    for number in range(5_010):
        unopened.write(f"app~{number}", READING)

    assert unopened.counters["dropped"] == 10
    await unopened.close()


async def test_one_process_takes_on_a_generation(tier: RedisTier) -> None:
    assert [await tier.claim(7, 60), await tier.claim(7, 60), await tier.claim(8, 60)] == [True, False, True]
