"""Publishing and retiring under the eyes of processes that serve."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from graphql import DocumentNode
from redis.asyncio import Redis

from persisted_queries.budgeting import set_budget
from persisted_queries.budgets import Budget
from persisted_queries.deployments import publish, push, retire
from persisted_queries.documents import sha256_of
from persisted_queries.registry import Registry
from persisted_queries.store import DocumentStore
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, STATES, mapped
from tests.persisted_queries.tiers.serving import (
    Preparer,
    black_hole,
    deploy,
    numbered,
    registry_over,
    running,
    text_of,
    until,
    until_gone,
    until_kept,
)

Connection = psycopg.AsyncConnection[Any]


@asynccontextmanager
async def deaf(store: str) -> AsyncIterator[DocumentStore]:
    """A store whose notifications never arrive: the listener's address leads to a server that is silent."""
    async with black_hole() as address:
        yield DocumentStore(store, direct_url=f"postgresql://someone@{address}/nothing?sslmode=disable")


async def test_a_retirement_takes_effect_within_100_ms_of_its_commit(connection: Connection, store: str) -> None:
    await deploy(connection, numbered(500))
    async with running(registry_over(store)) as registry:
        await until(lambda: registry.generation == 1)
        assert await text_of(registry, "app~7") is not None

        await retire(connection, "web", "1")

        assert await until_gone(registry, "app~7") < 0.1
        assert (len(registry.memory), registry.generation) == (0, 2)


async def test_a_retirement_takes_effect_within_a_second_and_a_half_without_notifications(
    connection: Connection, store: str
) -> None:
    await deploy(connection, numbered(50))
    async with deaf(store) as documents, running(registry_over(documents)) as registry:
        assert await text_of(registry, "app~7") is not None

        await retire(connection, "web", "1")

        assert await until_gone(registry, "app~7") < 1.5


async def test_a_listener_that_was_cut_off_compares_when_it_is_back(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})
    async with running(registry_over(store, poll_seconds=60)) as registry:
        await until(lambda: registry.generation == 1)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'larder documents listener'"
        )
        await retire(connection, "web", "1")

        assert await until_gone(registry, "app~item") < 1.5


async def test_a_publish_is_warmed_without_a_restart_or_a_request(connection: Connection, store: str) -> None:
    prepare = Preparer()
    await deploy(connection, {"app~item": ITEM})
    async with running(registry_over(store, prepare=prepare)) as registry:
        await deploy(connection, {"app~item": ITEM, "app~listed": LISTED}, version="2")

        await until(lambda: registry.memory.get("app~listed") is not None)

        assert prepare.texts == [ITEM, LISTED]
        assert registry.counters["store"] == 0


async def test_ids_that_were_nobodys_are_asked_for_again_after_a_publish(connection: Connection, store: str) -> None:
    async with running(registry_over(store)) as registry:
        assert await registry.get("app~item") is None

        generation = await deploy(connection, {"app~item": ITEM})
        await until(lambda: registry.generation == generation)

        assert await text_of(registry, "app~item") == ITEM


async def test_clients_of_a_document_follow_the_deployments(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})
    async with running(registry_over(store)) as registry:
        generation = await deploy(connection, {"app~item": ITEM}, client="ios")
        await until(lambda: registry.generation == generation)

        entry = await registry.get("app~item")

        assert entry is not None
        assert entry.document.clients == ("ios", "web")


@pytest.mark.parametrize("with_redis", [False, True])
async def test_a_budget_that_changes_makes_every_process_prepare_the_document_anew(
    connection: Connection, store: str, redis: Redis, redis_url: str, with_redis: bool
) -> None:
    await deploy(connection, {"app~item": ITEM, "app~listed": LISTED})
    prepare = Preparer()
    address = redis_url if with_redis else None
    async with running(registry_over(store, address, prepare=prepare)) as one, running(registry_over(store)) as other:
        assert await budget_in(one, "app~item") is None
        if with_redis:
            await until_kept(redis, "app~item", 1)

        for budget in (Budget(cost=80_000), Budget(cost=80_000, depth=20), None):
            generation = await set_budget(connection, "app~item", budget)
            await until(partial(at_generation, generation, one, other))

            assert [await budget_in(process, "app~item") for process in (one, other)] == [budget, budget]
            assert await budget_in(one, f"sha256:{sha256_of(ITEM)}") == budget

    assert prepare.texts.count(LISTED) == 1
    assert prepare.texts.count(ITEM) == 4


def at_generation(generation: int, *processes: Registry[DocumentNode]) -> bool:
    return all(process.generation == generation for process in processes)


async def budget_in(registry: Registry[DocumentNode], document_id: str) -> Budget | None:
    entry = await registry.get(document_id)
    assert entry is not None
    return entry.document.budget


async def test_the_ids_in_memory_are_asked_about_in_one_statement(connection: Connection, store: str) -> None:
    await deploy(connection, numbered(300))
    asked: list[int] = []

    class Recording(DocumentStore):
        async def still_registered(self, document_ids: Any) -> Any:
            asked.append(len(list(document_ids)))
            return await super().still_registered(document_ids)

    async with running(registry_over(Recording(store))) as registry:
        await until(lambda: registry.generation == 1)
        asked.clear()
        generation = await deploy(connection, {"app~0": numbered(1)["app~0"]}, version="2")
        await until(lambda: registry.generation == generation)
        assert set(registry.memory.entries()) == {"app~0"}

    assert asked == [300]


@pytest.mark.parametrize("with_redis", [False, True])
async def test_who_has_seen_one_document_of_a_deployment_finds_all_of_it_and_nothing_that_it_replaced(
    connection: Connection, store: str, redis: Redis, redis_url: str, with_redis: bool
) -> None:
    """Even a process that no notification reaches: the first document it reads moves all of its view."""
    await deploy(connection, {"app~item": ITEM, "app~states": STATES})
    async with (
        deaf(store) as documents,
        running(registry_over(documents, redis_url if with_redis else None, poll_seconds=60)) as registry,
        running(registry_over(store, redis_url if with_redis else None)) as another,
    ):
        assert await text_of(registry, "app~item") == ITEM
        assert [await registry.get(name) for name in ("app~0", "app~1")] == [None, None]
        generation = await deploy(connection, numbered(3), version="2")
        await until(lambda: another.generation == generation)
        assert await text_of(another, "app~2") == numbered(3)["app~2"]
        for name in numbered(3) if with_redis else ():
            await until_kept(redis, name, generation)
        assert await text_of(registry, "app~item") == ITEM

        assert await text_of(registry, "app~2") == numbered(3)["app~2"]

        assert await text_of(registry, "app~0") == numbered(3)["app~0"]
        assert await text_of(registry, "app~1") == numbered(3)["app~1"]
        assert await registry.get("app~item") is None
        assert await registry.get("app~states") is None
        assert registry.counters["redis"] == (3 if with_redis else 0)


class Page:
    """A client that asks for one document after the other, and moves to a version as soon as it sees one of it."""

    def __init__(self, registry: Registry[Any], versions: list[dict[str, str]]) -> None:
        self.registry = registry
        self.versions = versions
        self.version = 0
        self.asked = 0
        self.problems: list[str] = []

    async def ask(self, version: int) -> list[str | None]:
        documents = self.versions[version]
        found = [await text_of(self.registry, name) for name in documents]
        self.asked += len(found)
        if any(text not in (None, expected) for text, expected in zip(found, documents.values(), strict=True)):
            self.problems.append(f"another text in version {version}")
        return found

    async def look(self) -> None:
        if self.version + 1 == len(self.versions):
            return
        before, found = await self.ask(self.version), await self.ask(self.version + 1)
        if any(found):
            seen = next(position for position, text in enumerate(found) if text)
            if not all(found[seen:]) or not all(await self.ask(self.version + 1)):
                self.problems.append(f"half of version {self.version + 1}")
            if any(await self.ask(self.version)):
                self.problems.append(f"version {self.version} beside the next")
            self.version += 1
        elif None in before and any(before[before.index(None) :]):
            self.problems.append(f"version {self.version} went bit by bit")


async def test_a_deployment_pushed_under_load_is_seen_whole_by_every_request(
    connection: Connection, store: str, redis: Redis, redis_url: str
) -> None:
    versions = [numbered(20, start=20 * version) for version in range(6)]
    await deploy(connection, versions[0], version="0")
    async with (
        running(registry_over(store, redis_url, capacity=10)) as small,
        running(registry_over(store, redis_url)) as large,
    ):
        pages = [Page(registry, versions) for registry in (small, large) for _ in range(4)]

        async def load(page: Page) -> None:
            while page.version + 1 < len(versions):
                await page.look()
                await asyncio.sleep(0)

        loads = [asyncio.create_task(load(page)) for page in pages]

        def all_have_seen(number: int) -> bool:
            return all(page.version == number for page in pages)

        for number, documents in enumerate(versions[1:], start=1):
            await until(partial(all_have_seen, number - 1))
            await push(connection, mapped(documents), "web", str(number), SCHEMA)
            await publish(connection, "web", str(number))
        await asyncio.wait_for(asyncio.gather(*loads), 20)

    assert [page.problems for page in pages] == [[]] * len(pages)
    assert sum(page.asked for page in pages) > 1_000


async def test_a_store_that_was_set_back_is_believed_not_redis(
    connection: Connection, store: str, redis: Redis, redis_url: str
) -> None:
    for version in range(3):
        await deploy(connection, {"app~item": ITEM}, version=str(version))
    async with running(registry_over(store, redis_url)) as registry:
        assert registry.redis is not None
        await registry.redis.settled()
        await retire(connection, "web", "2")
        await connection.execute("UPDATE larder_registry SET generation = 1")

        assert await until_gone(registry, "app~item") < 2.5
        assert registry.generation == 1
    async with running(registry_over(store, redis_url)) as started_later:
        assert await started_later.get("app~item") is None


async def test_a_start_waits_for_warming_no_longer_than_it_may(connection: Connection, store: str) -> None:
    await deploy(connection, numbered(50))
    prepare = Preparer(seconds=0.02)
    registry = registry_over(store, prepare=prepare, warm_seconds=0.2)

    began = time.monotonic()
    async with running(registry):
        assert time.monotonic() - began < 0.6
        assert 5 <= len(registry.memory) < 15
        await until(lambda: len(registry.memory) == 50, seconds=10)
    assert len(prepare.texts) == 50


async def test_the_most_used_documents_are_warmed_first(connection: Connection, store: str) -> None:
    documents = numbered(30)
    await deploy(connection, documents)
    await connection.execute(
        "INSERT INTO larder_document_usage (document_id, client, day, count)"
        " SELECT sha256, 'web', current_date, substring(text FROM 'Q([0-9]+)')::int FROM larder_document"
    )
    prepare = Preparer()

    async with running(registry_over(store, prepare=prepare, capacity=10)) as registry:
        assert prepare.texts == [documents[f"app~{number}"] for number in range(29, 19, -1)]
        await registry.get("app~0")

        assert set(registry.memory.entries()) == {"app~0", *(f"app~{number}" for number in range(29, 20, -1))}
