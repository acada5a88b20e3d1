"""Redis and PostgreSQL stopped, restarted, flushed, full, silent, poisoned: the right text, and in time."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from gateway.embedded.valkey import EmbeddedValkey
from loaders.errors import StoreUnavailable
from persisted_queries.redis_tier import RedisTier
from persisted_queries.registry import Registry
from persisted_queries.store import DocumentStore
from tests.persisted_queries.pushes import ITEM
from tests.persisted_queries.tiers.serving import (
    black_hole,
    deploy,
    numbered,
    registry_over,
    running,
    text_of,
    timed,
    until,
    until_kept,
)

Connection = psycopg.AsyncConnection[Any]
DOCUMENTS = numbered(200)
SMALL = 20
SLACK_SECONDS = 0.1


@pytest.fixture
async def served(connection: Connection, store: str) -> str:
    await deploy(connection, DOCUMENTS)
    return store


async def all_right(registry: Registry[Any]) -> list[float]:
    """Ask for every document, most of which memory does not hold. Returns: the seconds that each took."""
    seconds = []
    for document_id, text in DOCUMENTS.items():
        began = time.perf_counter()
        found = await text_of(registry, document_id)
        seconds.append(time.perf_counter() - began)
        assert found == text
    return seconds


async def test_redis_stopped_and_started_again(served: str, own_valkey: EmbeddedValkey) -> None:
    async with running(registry_over(served, own_valkey.url, capacity=SMALL)) as registry:
        assert registry.redis is not None
        await all_right(registry)

        own_valkey.stop()
        await all_right(registry)
        assert registry.redis.breaker.open

        own_valkey.start()
        await until(lambda: registry.redis is not None and not registry.redis.breaker.open)
        await all_right(registry)
        await registry.redis.settled()
        before = registry.counters["redis"]
        await all_right(registry)
        assert registry.counters["redis"] - before >= len(DOCUMENTS) - SMALL


async def test_redis_restarted_between_two_requests(served: str, own_valkey: EmbeddedValkey) -> None:
    async with running(registry_over(served, own_valkey.url, capacity=SMALL)) as registry:
        assert registry.redis is not None
        await all_right(registry)
        own_valkey.stop()
        own_valkey.start()

        await all_right(registry)

        assert registry.redis.breaker.opened == 0


async def test_redis_flushed(served: str, redis: Redis, redis_url: str) -> None:
    async with running(registry_over(served, redis_url, capacity=SMALL)) as registry:
        await all_right(registry)
        await redis.flushdb()

        await all_right(registry)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru", "noeviction"])
async def test_redis_filled_to_eviction(served: str, own_valkey: EmbeddedValkey, policy: str) -> None:
    async with Redis.from_url(own_valkey.url) as valkey:
        await valkey.config_set("maxmemory-policy", policy)
        used = (await valkey.info("memory"))["used_memory"]
        await valkey.config_set("maxmemory", used + 200_000)
        with suppress(OutOfMemoryError):
            for number in range(400):
                await valkey.set(f"other:{number}", "x" * 1_000, ex=600)
        async with running(registry_over(served, own_valkey.url, capacity=SMALL)) as registry:
            for _ in range(3):
                await all_right(registry)
            assert registry.redis is not None
            assert registry.redis.breaker.opened == 0
            if policy != "noeviction":
                assert (await valkey.info("stats"))["evicted_keys"] > 0


async def test_redis_that_accepts_and_never_answers(served: str, tmp_path: Path) -> None:
    async with (
        black_hole(tmp_path / "silent.sock") as path,
        running(registry_over(served, f"unix://{path}", capacity=SMALL)) as registry,
    ):
        assert registry.redis is not None
        seconds = await all_right(registry)

        slow = sum(1 for each in seconds if each > 0.04)
        assert max(seconds) < registry.redis.timeout_seconds + SLACK_SECONDS
        assert slow <= registry.redis.breaker.failures
        assert registry.redis.breaker.open


async def test_many_at_once_wait_for_a_silent_redis_no_longer_than_one(served: str, tmp_path: Path) -> None:
    async def all_at_once(registry: Registry[Any]) -> float:
        return await timed(asyncio.gather(*(text_of(registry, document_id) for document_id in DOCUMENTS)))

    async with (
        black_hole(tmp_path / "silent.sock") as path,
        running(registry_over(served, capacity=SMALL)) as without,
        running(registry_over(served, f"unix://{path}", capacity=SMALL)) as silent,
    ):
        usual = await all_at_once(without)

        # One after the other, the two hundred would wait for ten seconds.
        assert await all_at_once(silent) < 3 * usual + 0.05 + SLACK_SECONDS


async def test_redis_poisoned(served: str, redis: Redis, redis_url: str) -> None:
    patient = RedisTier(redis_url, timeout_seconds=10.0)
    async with running(registry_over(served, patient, capacity=SMALL)) as registry:
        assert registry.redis is not None
        await all_right(registry)
        await registry.redis.settled()
        keys = await redis.keys("larder:document:*")
        assert len(keys) == len(DOCUMENTS)
        for position, key in enumerate(keys):
            fields = await redis.hgetall(keys[position - 1])
            await redis.hset(key, mapping=fields if position % 2 else {"text": fields[b"text"]})  # type: ignore[arg-type]

        await all_right(registry)

        assert registry.redis.counters["poisoned"] >= len(DOCUMENTS) - SMALL


async def test_memory_and_redis_answer_while_postgresql_is_away(
    connection: Connection, served: str, redis: Redis, redis_url: str
) -> None:
    async with running(registry_over(served, redis_url)) as registry:
        await until_kept(redis, "app~199", 1)
        await until_kept(redis, "app~0", 1)
        assert registry.redis is not None
        await registry.redis.settled()
    nowhere = "postgresql://larder@127.0.0.1:1/nothing"

    async with running(
        registry_over(DocumentStore(nowhere, timeout_seconds=0.3), redis_url, capacity=SMALL), ready=False
    ) as alone:
        first = await timed(text_of(alone, "app~0"))
        seconds = await all_right(alone)

        assert not alone.ready
        assert first < 1.0
        assert statistics.median(seconds) < 0.05
        with pytest.raises(StoreUnavailable):
            await alone.get("app~unknown")


async def test_memory_answers_while_both_are_away(served: str, own_valkey: EmbeddedValkey) -> None:
    class Leaving(DocumentStore):
        async def find(self, document_id: str) -> Any:
            raise AssertionError(f"{document_id} was looked up")

    async with running(registry_over(Leaving(served), own_valkey.url)) as registry:
        await registry.store.close()
        own_valkey.stop()

        await all_right(registry)


@pytest.mark.slow
async def test_latency_of_misses_with_a_silent_redis_beside_that_without_one(
    served: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five interleaved rounds over the same PostgreSQL, every request a miss in memory."""
    async with (
        black_hole(tmp_path / "silent.sock") as path,
        running(registry_over(served, capacity=1)) as without,
        running(registry_over(served, f"unix://{path}", capacity=1)) as silent,
    ):
        opening = await all_right(silent)
        rounds = [
            (statistics.median(await all_right(without)), statistics.median(await all_right(silent))) for _ in range(5)
        ]

    ratios = [after / before for before, after in rounds]
    with capsys.disabled():
        print(  # noqa: T201 - figures to read
            f"\nuntil the breaker opens: {max(opening) * 1000:.1f} ms at most;"
            f" afterwards {[f'{ratio:.2f}' for ratio in ratios]} of the latency without Redis"
        )
    assert max(opening) < 0.05 + SLACK_SECONDS
    assert statistics.median(ratios) < 1.5


async def test_ids_of_another_generation_are_not_served_from_redis(
    connection: Connection, served: str, redis: Redis, redis_url: str
) -> None:
    async with running(registry_over(served, redis_url, capacity=SMALL)) as registry:
        assert isinstance(registry.redis, RedisTier)
        await all_right(registry)
        await registry.redis.settled()
        assert await redis.exists("larder:document:app~150")

        generation = await deploy(connection, {"app~item": ITEM}, version="2")
        await until(lambda: registry.generation == generation)

        assert await text_of(registry, "app~150") is None
