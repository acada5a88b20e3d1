"""Look-ups through memory, Redis and PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis

from persisted_queries.documents import Document, sha256_of
from persisted_queries.redis_tier import RedisTier
from tests.persisted_queries.pushes import ITEM, LISTED
from tests.persisted_queries.tiers.serving import (
    Preparer,
    deploy,
    numbered,
    registry_over,
    running,
    text_of,
    until_kept,
)

Connection = psycopg.AsyncConnection[Any]


async def test_the_tiers_answer_in_their_order(
    connection: Connection, store: str, redis: Redis, redis_url: str
) -> None:
    async with running(registry_over(store, redis_url, warm_seconds=0)) as registry:
        await deploy(connection, {"app~item": ITEM})
        assert registry.redis is not None

        assert await text_of(registry, sha256_of(ITEM)) == ITEM
        assert await text_of(registry, sha256_of(ITEM)) == ITEM
        await registry.redis.settled()
        found = dict(registry.counters)

    async with running(registry_over(store, redis_url, warm_seconds=0)) as another:
        assert await text_of(another, sha256_of(ITEM)) == ITEM
        assert (another.counters["redis"], another.counters["store"]) == (1, 0)

    assert (found["store"], found["memory"], found["prepared"]) == (1, 1, 1)


async def test_without_redis_memory_and_postgresql_answer(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})

    async with running(registry_over(store, warm_seconds=0)) as registry:
        assert [await text_of(registry, sha256_of(ITEM)) for _ in range(3)] == [ITEM] * 3
        assert (registry.counters["store"], registry.counters["memory"]) == (1, 2)


async def test_a_document_is_prepared_once_for_all_its_ids(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})
    prepare = Preparer()

    async with running(registry_over(store, prepare=prepare)) as registry:
        ids = ["app~item", sha256_of(ITEM), f"sha256:{sha256_of(ITEM)}"]
        entries = [await registry.get(document_id) for document_id in ids]

    assert len({id(entry.prepared) for entry in entries if entry}) == 1
    assert prepare.texts == [ITEM]


@pytest.mark.parametrize("count", [1, 100])
async def test_misses_at_the_same_time_are_one_query(connection: Connection, store: str, count: int) -> None:
    await deploy(connection, {"app~item": ITEM})
    prepare = Preparer(seconds=0.01)

    async with running(registry_over(store, prepare=prepare, warm_seconds=0)) as registry:
        texts = await asyncio.gather(*(text_of(registry, sha256_of(ITEM)) for _ in range(count)))

        assert texts == [ITEM] * count
        assert (registry.counters["store"], len(prepare.texts)) == (1, 1)


async def test_a_waiter_that_is_cancelled_harms_nobody(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})

    async with running(registry_over(store, prepare=Preparer(seconds=0.05), warm_seconds=0)) as registry:
        waiters = [asyncio.create_task(text_of(registry, sha256_of(ITEM))) for _ in range(5)]
        await asyncio.sleep(0.02)
        for waiter in waiters[:4]:
            waiter.cancel()

        assert await waiters[4] == ITEM
        assert registry.counters["prepared"] == 1


async def test_an_id_of_nobody_is_asked_for_once(store: str, redis: Redis, redis_url: str) -> None:
    async with running(registry_over(store, redis_url)) as registry:
        assert [await registry.get("nobody's") for _ in range(3)] == [None] * 3

        assert (registry.counters["store"], registry.counters["negative"]) == (1, 2)


@pytest.mark.parametrize("odd", ["", "a b", "a\x00b", "é", "a" * 257, "a\n"])
async def test_what_cannot_be_an_id_is_never_looked_up(store: str, odd: str) -> None:
    async with running(registry_over(store)) as registry:
        assert await registry.get(odd) is None
        assert registry.counters["store"] == 0


async def test_a_document_that_cannot_be_prepared_fails_for_who_asks_and_for_nobody_else(
    connection: Connection, store: str
) -> None:
    await deploy(connection, {"app~item": ITEM, "app~listed": LISTED})

    class Picky(Preparer):
        async def __call__(self, document: Document) -> Any:
            if document.text == LISTED:
                raise ValueError("not this one")
            return await super().__call__(document)

    async with running(registry_over(store, prepare=Picky())) as registry:
        assert (registry.warming.warmed, registry.warming.failed) == (1, 1)
        with pytest.raises(ValueError, match="not this one"):
            await registry.get("app~listed")
        assert await text_of(registry, "app~item") == ITEM


async def test_memory_stays_within_its_bounds_and_everything_answers(
    connection: Connection, store: str, redis: Redis, redis_url: str
) -> None:
    documents = numbered(60)
    await deploy(connection, documents)

    async with running(registry_over(store, redis_url, capacity=20)) as registry:
        assert len(registry.memory) == 20
        for _ in range(2):
            found = {document_id: await text_of(registry, document_id) for document_id in documents}
            assert found == documents
            assert len(registry.memory) == 20
            assert isinstance(registry.redis, RedisTier)
            await registry.redis.settled()

        assert registry.counters["store"] + registry.counters["redis"] >= 100
        assert isinstance(registry.redis, RedisTier)
        # On a slow machine Redis may not answer in time; the store does instead.
        missed = registry.redis.counters["failures"] + registry.redis.counters["refused"]
        assert registry.counters["redis"] + missed >= 60


async def test_what_memory_holds_is_kept_in_redis_for_when_postgresql_is_away(
    connection: Connection, store: str, redis: Redis, redis_url: str
) -> None:
    generation = await deploy(connection, {"app~item": ITEM})
    async with running(registry_over(store, redis_url)):
        await until_kept(redis, "app~item", generation)

    assert await redis.hget("larder:document:app~item", "text") == ITEM.encode()
    assert 0 < await redis.ttl("larder:document:app~item") <= 24 * 3600


async def test_one_of_the_processes_fills_a_flushed_redis_again(
    connection: Connection, store: str, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persisted_queries.registry.KEEP_SECONDS", 1)
    generation = await deploy(connection, {"app~item": ITEM})

    async with (
        running(registry_over(store, redis_url, poll_seconds=0.1)),
        running(registry_over(store, redis_url, poll_seconds=0.1)),
    ):
        await until_kept(redis, "app~item", generation)
        await redis.flushdb()

        await until_kept(redis, "app~item", generation)
