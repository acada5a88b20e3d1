"""Who shares an answer: those who ask together, processes of one build over one store, and nobody else."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import httpx2
import psycopg
import pytest
from django.db import connections
from psycopg import sql
from redis import Redis

from gateway.databases import django_database
from tests.acceptance.load import STOREFRONT
from tests.acceptance.processes import larder
from tests.acceptance.truth.gateways import events, serving
from tests.acceptance.truth.rounds import in_thread, waited_for
from tests.pantry import Pantry, stocked, storefront

CROWD = 1000
KEYS = 200
ADDRESS = "query Address($slug: String!) { location(slug: $slug) { address } }"

OTHER_SECRET = {"LARDER_SECRET_KEY": "another secret than before"}


async def ask(client: httpx2.AsyncClient, query: str, slug: str) -> bytes:
    response = await client.post("/graphql", json={"query": query, "variables": {"slug": slug}})
    assert response.status_code == httpx2.codes.OK, response.content
    return response.content


@pytest.mark.slow
async def test_a_thousand_who_ask_together_cost_one_execution(store: str) -> None:
    await stocked(lambda pantry: storefront(pantry, "mensa"))
    limits = httpx2.Limits(max_connections=CROWD)
    with serving() as url:
        async with (
            await psycopg.AsyncConnection.connect(store, autocommit=True) as connection,
            httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as client,
        ):
            async with connection.transaction():
                await connection.execute("LOCK TABLE larder_placement IN ACCESS EXCLUSIVE MODE")
                asking = [asyncio.create_task(ask(client, STOREFRONT, "mensa")) for _ in range(CROWD)]
                async with asyncio.timeout(30):
                    while not await waited_for(connection, "larder_placement"):  # noqa: ASYNC110 - nobody tells
                        await asyncio.sleep(0.01)
                await asyncio.sleep(2)
            bodies = set(await asyncio.gather(*asking))
        counted = await events(url)

    print(f"{CROWD} at once: {dict(counted)}")  # noqa: T201 - the figures that the test is run for
    assert len(bodies) == 1
    assert b'"errors"' not in bodies.pop()
    assert counted["executions"] == counted["miss"] == 1
    assert counted["shared"] + counted["hit"] == CROWD - 1
    assert counted["shared"] > CROWD // 10


@pytest.mark.slow
async def test_what_is_asked_for_most_is_there_again_at_once_after_a_change(store: str) -> None:
    slugs = [f"place-{number}" for number in range(KEYS)]
    weights = [1 / (place + 1) for place in range(KEYS)]
    luck = random.Random(7)  # noqa: S311 - draws questions, no secrets

    def stock(pantry: Pantry) -> None:
        for slug in slugs:
            storefront(pantry, slug, items=1)

    async def ask_for(seconds: float, client: httpx2.AsyncClient) -> int:
        over, asked = time.monotonic() + seconds, 0
        while time.monotonic() < over:
            await asyncio.gather(*(ask(client, STOREFRONT, slug) for slug in luck.choices(slugs, weights, k=8)))
            asked += 8
        return asked

    await stocked(stock)
    with serving() as url:
        async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
            for slug in slugs:
                await ask(client, STOREFRONT, slug)
            await ask_for(3, client)
            before = await events(url)
            async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
                await connection.execute("UPDATE larder_offer SET amount = amount + 1")
            asked, after = await ask_for(1, client), await events(url)

    came = after - before
    hits = came["hit"] / asked
    print(f"the second after a change, Zipf over {KEYS} keys: {asked} asked, {hits:.0%} hits, {dict(came)}")  # noqa: T201
    assert came["renewed"] > 0
    assert hits > 0.2


@pytest.fixture
def other_store(store: str) -> Iterator[str]:
    """Another database of the same server."""
    name = sql.Identifier("larder_test_other")
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        yield store.replace(f"/{connection.info.dbname}", "/larder_test_other", 1)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.slow
async def test_another_build_and_another_store_share_nothing(
    store: str, other_store: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stocked(lambda pantry: pantry.location("mensa", address="here"))
    larder("migrate", LARDER_DATABASE_URL=other_store)
    with monkeypatch.context() as patched:
        patched.setitem(connections.settings, "default", connections.settings["default"] | django_database(other_store))
        await in_thread(lambda: Pantry().location("mensa", address="there"))

    async def told(**settings: str) -> tuple[bytes, int]:
        """The answer of a new process, and how many it had from Redis."""
        with serving(**settings) as url:
            async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
                body = await ask(client, ADDRESS, "mensa")
                await written(redis_url)
            return body, (await events(url))["redis"]

    here = b'{"data":{"location":{"address":"here"}}}'
    assert await told() == (here, 0)
    assert await told() == (here, 1)
    assert await told(LARDER_DATABASE_URL=other_store) == (here.replace(b"here", b"there"), 0)
    assert await told(LARDER_APPS="tests.library") == (here, 0)
    assert await told(**OTHER_SECRET) == (here, 0)


async def written(redis_url: str) -> None:
    """Wait until an answer is in Redis."""
    with Redis.from_url(redis_url) as redis:
        async with asyncio.timeout(10):
            while not redis.keys("larder:answer:*"):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
