"""Usage: counted in memory, added to the store now and then."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from persisted_queries.counting import UsageCounter
from persisted_queries.documents import sha256_of
from persisted_queries.store import DocumentStore
from persisted_queries.usage import read_usage
from tests.persisted_queries.pushes import ITEM, LISTED
from tests.persisted_queries.tiers.serving import deploy, until

Connection = psycopg.AsyncConnection[Any]


@pytest.fixture
async def documents(store: str) -> AsyncIterator[DocumentStore]:
    opened = DocumentStore(store, timeout_seconds=0.3)
    await opened.open()
    yield opened
    await opened.close()


async def used(connection: Connection) -> dict[tuple[str, str], int]:
    return {(usage.sha256, usage.client): usage.count for usage in await read_usage(connection)}


async def test_uses_are_added_at_the_end_and_not_before(connection: Connection, documents: DocumentStore) -> None:
    await deploy(connection, {"app~item": ITEM, "app~listed": LISTED})
    counter = UsageCounter(documents)
    counter.start()

    for _ in range(1_000):
        counter.count(sha256_of(ITEM), "web")
    counter.count(sha256_of(LISTED), None)
    assert await used(connection) == {}

    await counter.stop()
    assert await used(connection) == {(sha256_of(ITEM), "web"): 1_000, (sha256_of(LISTED), ""): 1}


async def test_uses_are_added_every_now_and_then(connection: Connection, documents: DocumentStore) -> None:
    await deploy(connection, {"app~item": ITEM})
    counter = UsageCounter(documents, flush_seconds=0.05)
    counter.start()

    for expected in (1, 2, 3):
        counter.count(sha256_of(ITEM), "web")
        await until(lambda: not counter._counts)
        began = time.monotonic()
        while await used(connection) != {(sha256_of(ITEM), "web"): expected}:
            assert time.monotonic() - began < 2
    await counter.stop()

    assert await used(connection) == {(sha256_of(ITEM), "web"): 3}


async def test_what_the_store_does_not_take_is_kept(connection: Connection, documents: DocumentStore) -> None:
    await deploy(connection, {"app~item": ITEM})
    counter = UsageCounter(documents)
    counter.count(sha256_of(ITEM), "web")

    async with connection.transaction():
        await connection.execute("LOCK TABLE larder_document_usage IN ACCESS EXCLUSIVE MODE")
        await counter.flush(seconds=0.2)
    counter.count(sha256_of(ITEM), "web")
    await counter.flush()

    assert await used(connection) == {(sha256_of(ITEM), "web"): 2}


def test_numbers_are_bounded() -> None:
    counter = UsageCounter(DocumentStore("postgresql:///unused"), capacity=2)

    for name in ("a", "b", "c", "a"):
        counter.count(name, "web")

    assert (len(counter._counts), sum(counter._counts.values()), counter.lost) == (2, 3, 1)
