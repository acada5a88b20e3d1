"""The tier that processes share: what one has made another finds, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from redis.asyncio import Redis

from gateway.cache.answers import ResponseCache
from gateway.cache.heads import HeadWatch, StoreHeads
from gateway.cache.keys import AnswerKey
from gateway.cache.memory import Memory
from gateway.cache.redis_answers import PREFIX, RedisAnswers
from gateway.endpoint.exchange import Exchange
from loaders.stamps import Stamp
from persisted_queries.redis_link import RedisLink
from tests.gateway.cache.kitchen import HEAD, Kitchen, rename, until

KEY: AnswerKey = ("document", "Name", b"", ())
SECRET = b"a secret of the test"


class Process:
    """What one gateway process has of a cache."""

    def __init__(self, store: str, redis_url: str, build: bytes = b"build", secret: bytes = SECRET) -> None:
        self.watch = HeadWatch(StoreHeads(store))
        self.link = RedisLink(redis_url, timeout_seconds=5)
        self.tier = RedisAnswers(self.link, build, store=lambda: self.watch.world, secret=secret)
        self.cache = ResponseCache(self.watch, Memory(1_000_000), self.tier)

    async def written(self) -> bool:
        return self.link.counters["answers_written"] > 0

    async def close(self) -> None:
        await self.cache.close()
        await self.tier.close()
        await self.watch.close()


@pytest.fixture
async def processes(store: str, redis_url: str) -> AsyncIterator[list[Process]]:
    redis: Redis = Redis.from_url(redis_url)
    await redis.flushdb()
    made = [
        Process(store, redis_url),
        Process(store, redis_url),
        Process(store, redis_url, build=b"another build"),
        Process(store, redis_url, secret=b"another secret"),
    ]
    yield made
    for process in made:
        await process.close()
    await redis.aclose()


async def test_another_process_finds_what_one_has_made(processes: list[Process], kitchen: Kitchen) -> None:
    first, second, *_ = processes
    await first.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    await until(first.written)

    found = await second.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (found.outcome, found.answer.payload) == ("redis", b'{"data":"one"}')
    assert (await second.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "hit"
    assert kitchen.executions == 1


@pytest.mark.parametrize("other", [2, 3])
async def test_another_build_or_secret_finds_nothing(processes: list[Process], kitchen: Kitchen, other: int) -> None:
    await processes[0].cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    await until(processes[0].written)

    assert (await processes[other].cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "miss"


async def test_what_is_outdated_is_not_taken(store: str, processes: list[Process], kitchen: Kitchen) -> None:
    first, second, *_ = processes
    await first.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    await until(first.written)
    rename(store, "two")

    found = await second.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))

    assert (found.outcome, found.answer.payload) == ("miss", b'{"data":"two"}')


async def test_an_answer_of_a_store_that_went_back_is_not_taken(processes: list[Process], kitchen: Kitchen) -> None:
    first, *_ = processes
    await first.watch.refreshed()
    ahead = Stamp({HEAD: first.watch.values[HEAD] + 1}, datetime.now(UTC), None)
    first.tier.write(KEY, b'{"data":"the future"}', ahead, 60)
    await until(first.written)

    assert (await first.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload == b'{"data":"one"}'


async def test_what_the_clock_has_ended_is_not_taken(processes: list[Process], kitchen: Kitchen) -> None:
    first, *_ = processes
    await first.watch.refreshed()
    ended = Stamp(dict(first.watch.values), datetime.now(UTC), datetime.now(UTC) - timedelta(seconds=1))
    first.tier.write(KEY, b'{"data":"the past"}', ended, 60)
    await until(first.written)

    assert (await first.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).answer.payload == b'{"data":"one"}'


@pytest.mark.parametrize("damage", ["foreign", "flipped", "moved"])
async def test_what_was_never_written_is_not_taken(
    processes: list[Process], kitchen: Kitchen, redis_url: str, damage: str
) -> None:
    first, second, *_ = processes
    await first.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))
    await until(first.written)
    redis: Redis = Redis.from_url(redis_url)
    [name] = await redis.keys(f"{PREFIX}*")
    value = bytes(cast("bytes", await redis.get(name)))
    other: AnswerKey = ("document", "Other", b"", ())
    if damage == "moved":
        await redis.set(PREFIX + first.tier._name(other), value)
    else:
        await redis.set(name, b'{"data":"bad"}' if damage == "foreign" else value[:-1] + bytes([value[-1] ^ 1]))
    await redis.aclose()

    asked = other if damage == "moved" else KEY
    assert (await second.cache.find(asked, kitchen.work, Exchange("GET", "/graphql"))).outcome == "miss"
    assert second.link.counters["answers_poisoned"] == 1


async def test_without_redis_everything_works(store: str, kitchen: Kitchen) -> None:
    process = Process(store, "redis://127.0.0.1:1")

    assert (await process.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "miss"
    assert (await process.cache.find(KEY, kitchen.work, Exchange("GET", "/graphql"))).outcome == "hit"
    await process.close()
