"""The whole gateway, part by part as it is put together: an exact request, and what every part adds to its answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import psycopg
import pytest
import strawberry
import zstandard
from strawberry.extensions import SchemaExtension

from gateway.cache import heads
from gateway.endpoint.answering import Answering, AnsweringRules
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from gateway.identity.keys import create
from loaders.directives.requires_scopes import RequiresScopes
from loaders.lanes import Lanes
from tests.pantry import Pantry, stocked, storefront
from tests.registered import configured, flush, prefixed, register, running

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


@pytest.mark.parametrize("origins", ["", "https://shop.example", "*"])
async def test_no_header_comes_twice(stock: str, monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    gateway = configured(monkeypatch, RESPONSE_CACHE="on", SERVER_TIMING="on", BATCHING="2", CORS_ORIGINS=origins)
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    page = {"origin": "https://shop.example", "accept-encoding": "gzip"}

    async with running(gateway) as client:
        client.headers.update(page)
        answers = [
            await client.options("/graphql", headers=preflight),
            await client.options("/graphql"),
            *[await client.get(GET) for _ in range(2)],
            await client.head(GET),
            await client.post("/graphql", json={"query": NAME}),
            await client.post("/graphql", json=[{"query": NAME}, 1]),
            await client.get(f"/graphql?query={quote(BROKEN)}"),
            await client.get("/graphql?query=mutation{a}"),
            await client.get(GET, headers={"if-none-match": "*"}),
            await client.get(GET, headers={"x-api-key": "lk_nobody_nothing"}),
            await client.put("/graphql"),
        ]

    assert [answer.status_code for answer in answers] == [204, 204, 200, 200, 200, 200, 200, 200, 405, 304, 401, 405]
    for answer in answers:
        names = [name for name, _ in answer.headers.multi_items() if name != "www-authenticate"]
        assert sorted(names) == sorted(set(names))
        assert answer.headers.get("access-control-allow-origin", "") == origins
    if origins == "https://shop.example":
        assert [answer.headers["vary"] for answer in answers[:3]] == [
            "Access-Control-Request-Headers, Origin",
            "Origin",
            "Accept, Accept-Encoding, Origin",
        ]


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


async def test_who_may_not_be_told_how_is_answered_from_the_cache(client: httpx2.AsyncClient) -> None:
    asked = {"query": NAME, "extensions": {"plan": True, "cost": True}}
    responses = [await client.post("/graphql", json=asked) for _ in range(2)]

    assert [outcomes(response) for response in responses] == ["miss", "hit"]
    assert "extensions" not in responses[0].json()


async def test_a_query_that_is_registered_again_is_kept_again(client: httpx2.AsyncClient, redis_url: str) -> None:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": prefixed(NAME).removeprefix("sha256:")}}
    both = {"query": NAME, "extensions": persisted}
    for _ in range(2):
        assert (await client.post("/graphql", json=both)).status_code == 200
        await flush(redis_url)
    await client.post("/graphql", json=both)

    assert "data" in (await client.post("/graphql", json={"extensions": persisted})).json()


async def test_a_table_that_is_tracked_no_longer_ends_what_relied_on_it(
    client: httpx2.AsyncClient, stock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "TRACKED_SECONDS", 0.0)
    await client.get(GET)
    with psycopg.connect(stock, autocommit=True) as connection:
        connection.execute("ALTER TABLE larder_location DISABLE TRIGGER USER")
        try:
            while outcomes(await client.get(GET)) == "hit":
                pass
            connection.execute("UPDATE larder_location SET name = 'Renamed'")
            response = await client.get(GET)
        finally:
            connection.execute("ALTER TABLE larder_location ENABLE TRIGGER USER")

    assert b"Renamed" in response.content
    assert response.headers["cache-control"] == "no-store"


class Timer(SchemaExtension):
    """An extension that Larder does not know."""


@strawberry.type
class Secretive:
    @strawberry.field(directives=[RequiresScopes(scopes=[["read"]])])  # type: ignore[untyped-decorator]
    def secret(self) -> str:
        return "told"


async def test_what_needs_a_scope_needs_it_whatever_extensions_there_are(store: str) -> None:
    lanes = Lanes(store, count=1)
    await lanes.open()
    schema = strawberry.Schema(Secretive, extensions=[Timer])
    answering = Answering(Execution(schema, lanes), rules=AnsweringRules(introspection="off"))
    app: Any = GraphQLEndpoint(answering)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://larder") as client:
        secret = await client.post("/graphql", json={"query": "{ secret }"})
        asked = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
        typename = await client.post("/graphql", json={"query": "{ __typename }"})
    await lanes.close()

    assert (secret.status_code, asked.status_code) == (401, 403)
    assert typename.json() == {"data": {"__typename": "Secretive"}}


async def test_a_batch_costs_what_its_requests_cost_one_by_one(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, BATCHING="10", RATE_LIMITS="5/minute")

    async with running(gateway) as client:
        sent = [await client.post("/graphql", json=[{"query": "{ __typename }"}] * count) for count in (3, 10, 2)]

    assert [answer.status_code for answer in sent] == [200, 429, 429]
    assert sent[1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_metrics_count_each_request_of_a_batch(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, BATCHING="10", RESPONSE_CACHE="on")

    async with running(gateway) as client:
        sent = await client.post("/graphql", json=[{"query": NAME}, {"query": "query Other { nope }"}])
        text = (await client.get("/metrics")).text

    counted = [line for line in text.splitlines() if line.startswith("larder_requests_total{")]
    assert sorted(counted) == [
        'larder_requests_total{executor="",status="200"} 1.0',
        'larder_requests_total{executor="plan",status="200"} 1.0',
    ]
    assert f"larder_response_bytes_total {float(len(sent.content) - len('[,]'))}" in text
    assert 'larder_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1.0' in text
