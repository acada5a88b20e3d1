"""The endpoint: an exact request, and the exact status, headers and body that answer it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
import strawberry

from gateway.configured.observing import ObservingSettings
from gateway.endpoint.answering import Answering
from gateway.endpoint.doors import Doors
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from gateway.endpoint.requests import MAX_BODY_BYTES
from gateway.endpoint.responses import negotiate
from gateway.observing.observer import Observer
from loaders.errors import StoreUnavailable
from loaders.lanes import Lanes


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def broken(self) -> str:
        msg = "SELECT secret FROM /etc/passwd"
        raise ValueError(msg)

    @strawberry.field
    def unreachable(self) -> str | None:
        raise StoreUnavailable from ValueError("password authentication failed for user secret")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def write(self) -> str:
        return "written"


def endpoint(doors: Doors | None = None) -> GraphQLEndpoint:
    """An endpoint whose store cannot be reached."""
    lanes = Lanes("postgresql://nobody@/nowhere?host=/nowhere")
    return GraphQLEndpoint(Answering(Execution(strawberry.Schema(Query, Mutation), lanes)), doors)


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app: Any = endpoint()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://larder") as client:
        yield client


GRAPHQL = {"accept": "application/graphql-response+json"}


async def test_post(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ hello }"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.content == b'{"data":{"hello":"hello world"}}'


async def test_get_with_variables_and_an_operation_name(client: httpx2.AsyncClient) -> None:
    response = await client.get(
        "/graphql",
        params={
            "query": "query A { hello } query B($n: String!) { hello(name: $n) }",
            "operationName": "B",
            "variables": '{"n": "Ünal"}',
        },
        headers=GRAPHQL,
    )

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert response.json() == {"data": {"hello": "hello Ünal"}}


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", "the body is not JSON: "),
    (b"{", "the body is not JSON: "),
    (b"\xff\xfe", "the body is not JSON: "),
    (b"[" * 5000, "the body is not JSON: "),
    (b"null", "the body must be a JSON object, not null"),
    (b"[]", "the body must be a JSON object, not an array"),
    (b"12", "the body must be a JSON object, not a number"),
    (b'"{ hello }"', "the body must be a JSON object, not text"),
    (b"{}", "query is missing"),
    (b'{"query": 1}', "query must be text, not a number"),
    (b'{"query": "{ hello }", "variables": []}', "variables must be a JSON object, not an array"),
    (b'{"query": "{ hello }", "operationName": true}', "operationName must be text, not a boolean"),
    (b'{"query": "{ hello }", "extensions": "x"}', "extensions must be a JSON object, not text"),
    (b'{"query": "fragment F on Query { hello }"}', "the document has no operation"),
]


@pytest.mark.parametrize(("body", "message"), BAD_BODIES)
async def test_a_body_that_is_no_request_is_a_400_that_names_the_rule(
    client: httpx2.AsyncClient, body: bytes, message: str
) -> None:
    response = await client.post("/graphql", content=body, headers={"content-type": "application/json"})

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-type": "APPLICATION/JSON; charset=utf-8"}, 200, None),
        ({"content-type": "application/json", "accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
    ],
)
async def test_media_types(client: httpx2.AsyncClient, headers: dict[str, str], status: int, code: str | None) -> None:
    response = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)

    assert response.status_code == status
    if code:
        assert response.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/graphql-response+json"),
        ("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json"),
        ("application/graphql-response+json;q=0.1, application/json;q=0.9", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_negotiation(accept: str, chosen: str) -> None:
    assert negotiate(accept) == chosen


async def test_other_methods_are_refused_with_what_is_allowed(client: httpx2.AsyncClient) -> None:
    response = await client.put("/graphql", json={"query": "{ hello }"})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_a_body_above_the_limit_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "#" * MAX_BODY_BYTES})

    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "REQUEST_TOO_LARGE"


CASES: list[tuple[dict[str, Any], int, str]] = [
    ({"query": "{ hello "}, 400, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query ($n: String!) { hello(name: $n) }"}, 400, "BAD_VARIABLES"),
    ({"query": "query A { hello } query B { hello }"}, 400, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query A { hello }", "operationName": "B"}, 400, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "mutation { write }"}, 400, "OPERATION_NOT_SUPPORTED"),
    ({"query": "{ broken }"}, 200, "INTERNAL_ERROR"),
    ({"query": "{ unreachable }"}, 200, "STORE_UNAVAILABLE"),
]


@pytest.mark.parametrize(("request_", "status", "code"), CASES)
async def test_errors_carry_a_stable_code(
    client: httpx2.AsyncClient, request_: dict[str, Any], status: int, code: str
) -> None:
    response = await client.post("/graphql", json=request_, headers=GRAPHQL)

    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_a_mutation_by_get_is_a_405(client: httpx2.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "mutation { write }"})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_nothing_is_sent_to_a_client_that_left_during_its_body() -> None:
    finished: list[Exchange] = []

    class Watching(Observer):
        def finished(self, exchange: Exchange, traceparent: str = "") -> None:
            finished.append(exchange)

    watching = Watching(ObservingSettings(access_log="off", metrics="off", server_timing=False))
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await endpoint(Doors(observer=watching))(scope, receive, send)

    assert sent == []
    assert [(exchange.status, exchange.codes) for exchange in finished] == [(499, ("CLIENT_CLOSED_REQUEST",))]


@pytest.mark.parametrize("field", ["broken", "unreachable"])
async def test_what_is_inside_never_leaves(client: httpx2.AsyncClient, field: str) -> None:
    response = await client.post("/graphql", json={"query": f"{{ {field} }}"})

    assert "secret" not in json.dumps(response.json())
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "query_string", ["query=%FF", "query={hello}&query={hello}", "query={hello}&variables={", "variables={}"]
)
async def test_a_query_string_that_is_no_request_is_a_400(client: httpx2.AsyncClient, query_string: str) -> None:
    response = await client.get(f"/graphql?{query_string}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
