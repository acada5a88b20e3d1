"""The whole gateway, part by part as it is put together: an exact request, and what every part adds to its answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import psycopg
import pytest
import zstandard

from gateway.identity.keys import create
from tests.pantry import Pantry, stocked, storefront
from tests.registered import configured, prefixed, register, running

NAME = 'query Name { location(slug: "mensa") { name } }'
PRICES = 'query Prices { location(slug: "mensa") { menus { sections { items { name price { money { amount } } } } } } }'
BROKEN = 'query Broken { search(text: " ") { nodes { name } } }'
GET = f"/graphql?query={quote(NAME)}"


@pytest.fixture
async def stock(store: str) -> str:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa")

    await stocked(fill)
    return store


def outcomes(response: httpx2.Response) -> str:
    """What the response cache did, as Server-Timing tells it."""
    told = response.headers["server-timing"]
    return next((part.partition("desc=")[2].partition(";")[0] for part in told.split(", ") if "desc=" in part), "")


@pytest.fixture
async def client(stock: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    gateway = configured(monkeypatch, RESPONSE_CACHE="on", SERVER_TIMING="on")
    async with running(gateway) as client:
        yield client


async def test_an_answer_is_kept_told_and_given_again(client: httpx2.AsyncClient) -> None:
    first, second = await client.get(GET), await client.get(GET)

    assert first.content == second.content == b'{"data":{"location":{"name":"Mensa"}}}'
    assert (outcomes(first), outcomes(second)) == ("miss", "hit")
    for name in ("etag", "cache-control", "vary", "surrogate-key", "content-type"):
        assert first.headers[name] == second.headers[name]
    assert first.headers["cache-control"] == "max-age=30, public"
    assert first.headers["surrogate-key"] == "larder_location"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_a_write_is_seen_by_the_next_request(client: httpx2.AsyncClient, stock: str) -> None:
    await client.get(GET)
    with psycopg.connect(stock, autocommit=True) as connection:
        connection.execute("UPDATE larder_location SET name = 'Renamed'")

    async def renamed() -> bool:
        return b"Renamed" in (await client.get(GET)).content

    while not await renamed():
        pass
    assert outcomes(await client.get(GET)) == "hit"


async def test_a_client_that_has_it_gets_304(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(GET)).headers["etag"]

    response = await client.get(GET, headers={"if-none-match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == etag


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
async def test_what_is_kept_is_compressed_as_the_client_wants(client: httpx2.AsyncClient, encoding: str) -> None:
    names = " ".join(f"a{number}: name" for number in range(150))
    query = f'{{ location(slug: "mensa") {{ {names} }} }}'
    for _ in range(2):
        response = await client.post("/graphql", json={"query": query}, headers={"accept-encoding": encoding})
        assert response.headers["content-encoding"] == encoding
        body = zstandard.decompress(response.content) if encoding == "zstd" else response.content
        assert len(json.loads(body)["data"]["location"]) == 150


async def test_post_is_kept_by_the_gateway_and_by_nobody_else(client: httpx2.AsyncClient) -> None:
    responses = [await client.post("/graphql", json={"query": NAME}) for _ in range(2)]

    assert [outcomes(response) for response in responses] == ["miss", "hit"]
    assert {response.headers["cache-control"] for response in responses} == {"no-store"}


async def test_head_and_options(client: httpx2.AsyncClient) -> None:
    head, options = await client.head(GET), await client.options("/graphql")

    assert (head.status_code, head.headers["content-length"]) == (200, "38")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


async def test_errors_are_kept_by_nobody(client: httpx2.AsyncClient) -> None:
    responses = [await client.get(f"/graphql?query={quote(BROKEN)}") for _ in range(2)]

    assert [outcomes(response) for response in responses] == ["miss", "miss"]
    assert {response.headers["cache-control"] for response in responses} == {"no-store"}


async def test_variables_of_one_operation_are_told_apart_and_strange_ones_ignored(client: httpx2.AsyncClient) -> None:
    query = "query Q($slug: String!) { location(slug: $slug) { name } }"

    async def ask(**variables: Any) -> tuple[str, bytes]:
        response = await client.post("/graphql", json={"query": query, "variables": variables})
        return outcomes(response), response.content

    assert (await ask(slug="mensa"))[0] == "miss"
    assert await ask(slug="none") == ("miss", b'{"data":{"location":null}}')
    assert (await ask(slug="mensa", other=1))[0] == "hit"


async def test_a_correlation_id_is_taken_from_the_request_when_it_is_one(client: httpx2.AsyncClient) -> None:
    given = await client.get(GET, headers={"x-request-id": "abc-1"})
    strange = await client.get(GET, headers={"x-request-id": "a b\tc"})

    assert given.headers["x-request-id"] == "abc-1"
    assert strange.headers["x-request-id"] != "a b\tc"


async def test_prices_are_those_of_the_viewer(
    stock: str, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {}
    async with await psycopg.AsyncConnection.connect(stock, autocommit=True) as connection:
        for audience in ("STUDENTS", "STAFF"):
            made = await create(connection, audience.lower(), (), {"audience": audience}, None)
            keys[audience] = made.key

    async def ask(audience: str | None) -> httpx2.Response:
        headers = {"x-api-key": keys[audience]} if audience else {}
        return await client.get(f"/graphql?query={quote(PRICES)}", headers=headers)

    bodies = {audience: (await ask(audience)).content for audience in ("STUDENTS", "STAFF", None)}
    again = {audience: (await ask(audience)).content for audience in ("STAFF", None, "STUDENTS")}

    assert bodies == again
    response = await ask("STUDENTS")
    assert outcomes(response) == "hit"
    assert "private" in response.headers["cache-control"]
    assert "X-API-Key" in response.headers["vary"]


async def test_a_bad_credential_is_refused_even_where_nobody_needs_one(client: httpx2.AsyncClient) -> None:
    response = await client.get(GET, headers={"x-api-key": "lk_nobody_nothing"})

    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_limits_and_costs_refuse_before_anything_runs(client: httpx2.AsyncClient) -> None:
    deep = (
        '{ location(slug: "mensa") ' + "{ menus { sections { items { location " * 5 + "{ name }" + " } } } }" * 5 + " }"
    )
    dear = "{ locations(first: 100) { nodes { menus { sections { items { name prices { audience } } } } } } }"

    for query, code in ((deep, "DOCUMENT_TOO_DEEP"), (dear, "COST_ESTIMATED_TOO_EXPENSIVE")):
        for _ in range(2):
            response = await client.post("/graphql", json={"query": query})
            assert response.status_code == 400
            assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_a_registered_document_is_hit_by_its_id(
    stock: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = configured(monkeypatch, RESPONSE_CACHE="on", SERVER_TIMING="on", DOCUMENTS="ids-only")
    await register(stock, {prefixed(NAME): NAME})

    async with running(gateway) as client:
        by_path = [await client.get(f"/graphql/{prefixed(NAME)}") for _ in range(2)]
        by_text = await client.get(GET)

    assert [outcomes(response) for response in by_path] == ["miss", "hit"]
    assert by_text.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_ID_REQUIRED"


async def test_metrics_count_what_happened(client: httpx2.AsyncClient) -> None:
    for _ in range(3):
        await client.get(GET)

    text = (await client.get("/metrics")).text

    assert 'larder_cache_events_total{event="hit"} 2.0' in text
    assert "larder_plan_group_members_count" in text


async def test_introspection_can_be_closed(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, INTROSPECTION="off")

    async with running(gateway) as client:
        asked = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
        guessed = await client.post("/graphql", json={"query": "{ locatio { name } }"})
        typename = await client.post("/graphql", json={"query": "{ __typename }"})

    assert (asked.status_code, asked.json()["errors"][0]["extensions"]["code"]) == (403, "INTROSPECTION_OFF")
    assert "Did you mean" not in guessed.text
    assert typename.json() == {"data": {"__typename": "Query"}}


async def test_a_batch_is_answered_in_order(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, BATCHING="3")

    async with running(gateway) as client:
        response = await client.post(
            "/graphql", json=[{"query": NAME}, {"query": "{ nope }"}, {"query": "{ __typename }"}]
        )

    first, second, third = response.json()
    assert (first, third) == ({"data": {"location": {"name": "Mensa"}}}, {"data": {"__typename": "Query"}})
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
