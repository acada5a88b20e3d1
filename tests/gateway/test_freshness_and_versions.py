"""What a request may want to know and have of the store: how old the sources are, and at least a version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import psycopg
import pytest

from tests.gateway.test_answering import NAME, stock
from tests.registered import configured, running

__all__ = ["stock"]

QUERY = '{ location(slug: "mensa") { name } freshness { source concern status confirmedAt asOf } }'


@pytest.fixture
async def client(stock: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(configured(monkeypatch, RESPONSE_CACHE="on")) as client:
        yield client


async def asked(client: httpx2.AsyncClient, query: str = NAME, **headers: str) -> dict[str, Any]:
    body = {"query": query, "extensions": {"freshness": True}}
    found: dict[str, Any] = (await client.post("/graphql", json=body, headers=headers)).json()
    return found


async def test_freshness_is_told_beside_the_data_that_it_is_of(client: httpx2.AsyncClient, stock: str) -> None:
    answers = [await asked(client, QUERY) for _ in range(2)]

    for answer in answers:
        rows = answer["data"]["freshness"]
        assert rows
        assert answer["data"]["location"] == {"name": "Mensa"}
        assert answer["extensions"]["freshness"] == {
            source: {
                row["concern"]: {name: row[name] for name in ("status", "confirmedAt", "asOf")}
                for row in rows
                if row["source"] == source
            }
            for source in {row["source"] for row in rows}
        }
    with psycopg.connect(stock, autocommit=True) as connection:
        connection.execute("UPDATE larder_confirmation SET confirmed_at = now() - interval '30 days'")
    later = (await asked(client))["extensions"]["freshness"]
    assert {concern["status"] for source in later.values() for concern in source.values()} == {"EXPIRED"}


async def test_freshness_that_nobody_may_see_is_not_told(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(configured(monkeypatch, FRESHNESS_EXTENSION="off")) as client:
        assert await asked(client) == {"data": {"location": {"name": "Mensa"}}}


def bumped(store: str) -> int:
    """A write, and the version after it."""
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute("UPDATE larder_location SET name = name || '!'")
        row = connection.execute("SELECT sum(value)::bigint FROM larder_head").fetchone()
    assert row is not None
    return int(row[0])


async def at_least(client: httpx2.AsyncClient, version: str) -> httpx2.Response:
    return await client.post("/graphql", json={"query": NAME}, headers={"Larder-Min-Version": version})


async def test_what_was_written_is_read_by_whoever_names_its_version(client: httpx2.AsyncClient, stock: str) -> None:
    name = "Mensa"
    for _ in range(5):
        await client.post("/graphql", json={"query": NAME})
        version, name = bumped(stock), f"{name}!"

        answer = (await at_least(client, str(version))).json()

        assert answer["data"]["location"]["name"] == name
        assert answer["extensions"]["version"] == {"required": version, "seen": version, "met": True}


async def test_a_version_that_is_about_to_come_is_waited_for(client: httpx2.AsyncClient, stock: str) -> None:
    version = bumped(stock)
    waiting = asyncio.create_task(at_least(client, str(version + 1)))
    await asyncio.sleep(0.02)
    bumped(stock)

    answer = (await waiting).json()

    assert answer["data"]["location"]["name"] == "Mensa!!"
    assert answer["extensions"]["version"]["met"] is True


async def test_a_version_that_does_not_come_is_not_waited_for_long(client: httpx2.AsyncClient, stock: str) -> None:
    version = bumped(stock)

    answer = (await at_least(client, str(version + 1))).json()

    assert answer["data"]["location"]["name"] == "Mensa!"
    assert answer["extensions"]["version"] == {"required": version + 1, "seen": version, "met": False}


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "", "9" * 20, "٣"])
async def test_a_version_is_a_whole_number(client: httpx2.AsyncClient, version: str) -> None:
    response = await client.post(
        "/graphql",
        json={"query": NAME},
        headers={b"Larder-Min-Version": version.encode()},
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_without_a_response_cache_versions_are_known_too(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(configured(monkeypatch, RESPONSE_CACHE="off")) as client:
        version = bumped(stock)
        assert (await at_least(client, str(version))).json()["extensions"]["version"]["met"] is True
