"""Automatic persisted queries: kept for a while, within bounds, never believed unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from persisted_queries.documents import sha256_of
from persisted_queries.redis_tier import RedisTier
from persisted_queries.registrations import BYTES, QUEUE, TEXT, Limits, Registrations
from tests.persisted_queries.pushes import ITEM, LISTED

TEXTS = [f"query Q{number} {{ items {{ id }} }} # {'x' * 100}" for number in range(10, 40)]
SIZE = len(TEXTS[0])


@pytest.fixture
async def tier(redis: Redis, redis_url: str) -> AsyncIterator[RedisTier]:
    opened = RedisTier(redis_url, timeout_seconds=1.0)
    await opened.open()
    yield opened
    await opened.close()


async def put_all(registrations: Registrations, texts: list[str] = TEXTS) -> None:
    for text in texts:
        await registrations.put(sha256_of(text), text)


async def kept(redis: Redis) -> list[str]:
    """The texts in Redis, in the order of their registration."""
    return [text for text in TEXTS if await redis.exists(TEXT + sha256_of(text))]


@pytest.mark.parametrize("with_redis", [False, True])
async def test_a_text_is_found_under_its_hash(tier: RedisTier, with_redis: bool) -> None:
    registrations = Registrations(tier if with_redis else None)
    assert await registrations.get(sha256_of(ITEM)) is None

    await registrations.put(sha256_of(ITEM), ITEM)

    assert await registrations.get(sha256_of(ITEM)) == ITEM
    assert await registrations.get(sha256_of(LISTED)) is None


async def test_all_processes_share_registrations_through_redis_and_only_so(tier: RedisTier) -> None:
    shared, alone = Registrations(tier), Registrations(None)
    await put_all(shared, [ITEM])
    await put_all(alone, [LISTED])

    assert await Registrations(tier).get(sha256_of(ITEM)) == ITEM
    assert await Registrations(tier).get(sha256_of(LISTED)) is None


async def test_a_text_with_another_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="another SHA-256"):
        await Registrations(None).put(sha256_of(ITEM), LISTED)


async def test_a_text_that_is_too_long_is_not_kept(tier: RedisTier, redis: Redis) -> None:
    registrations = Registrations(tier, Limits(document_bytes=20))

    await put_all(registrations, [ITEM])

    assert await registrations.get(sha256_of(ITEM)) is None
    assert (registrations.counters["refused"], await redis.dbsize()) == (1, 0)


async def test_a_poisoned_text_is_dropped(tier: RedisTier, redis: Redis) -> None:
    await put_all(Registrations(tier), [ITEM])
    await redis.set(TEXT + sha256_of(ITEM), LISTED)
    registrations = Registrations(tier)

    assert await registrations.get(sha256_of(ITEM)) is None

    await tier.settled()
    assert registrations.counters["poisoned"] == 1
    assert not await redis.exists(TEXT + sha256_of(ITEM))


@pytest.mark.parametrize("limits", [Limits(capacity=7), Limits(capacity_bytes=7 * SIZE + 1)])
async def test_redis_holds_the_newest_within_the_bounds(tier: RedisTier, redis: Redis, limits: Limits) -> None:
    await put_all(Registrations(tier, limits))

    assert await kept(redis) == TEXTS[-7:]
    assert (await redis.llen(QUEUE), await redis.get(BYTES)) == (7, str(7 * SIZE).encode())


@pytest.mark.parametrize("lost", [QUEUE, BYTES])
async def test_the_bounds_survive_the_eviction_of_their_own_keys(tier: RedisTier, redis: Redis, lost: str) -> None:
    registrations = Registrations(tier, Limits(capacity=100, capacity_bytes=7 * SIZE))
    await put_all(registrations, TEXTS[:5])

    await redis.delete(lost)
    await put_all(registrations, TEXTS[5:])

    assert await redis.get(BYTES) == str(7 * SIZE).encode()
    assert (await kept(redis))[-7:] == TEXTS[-7:]


async def test_everything_in_redis_expires(tier: RedisTier, redis: Redis) -> None:
    await put_all(Registrations(tier))

    keys = await redis.keys("*")

    assert len(keys) == len(TEXTS) + 2
    assert all([0 < await redis.ttl(key) <= 24 * 3600 for key in keys])


async def test_registrations_expire_and_leave_room(tier: RedisTier, redis: Redis) -> None:
    registrations = Registrations(tier, Limits(ttl_seconds=1))
    await put_all(registrations, TEXTS[:5])
    await asyncio.sleep(2.1)

    await put_all(registrations, TEXTS[5:6])

    assert await registrations.get(sha256_of(TEXTS[0])) is None
    assert (await redis.llen(QUEUE), await redis.get(BYTES)) == (1, str(SIZE).encode())


@pytest.mark.parametrize("limits", [Limits(local_capacity=7), Limits(local_bytes=7 * SIZE + 1)])
async def test_a_process_alone_holds_what_was_used_last_within_the_bounds(limits: Limits) -> None:
    registrations = Registrations(None, limits)
    await put_all(registrations, TEXTS[:7])
    await registrations.get(sha256_of(TEXTS[0]))

    await put_all(registrations, TEXTS[7:10])

    found = [text for text in TEXTS if await registrations.get(sha256_of(text)) is not None]
    assert found == [TEXTS[0], *TEXTS[4:10]]
