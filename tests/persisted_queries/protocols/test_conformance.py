"""Every way to name a document, through the whole application: an exact request, its exact status, headers and body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from persisted_queries.documents import sha256_of
from tests.registered import KIND, PLACE, TWO, configured, prefixed, running, serving

OTHER = "{ other: __typename }"
INVALID = "{ nothing }"
MD5 = "6e5b9ff5ce5b2bd9a3ba1c2ba2e9d1ee"
REGISTERED = {prefixed(KIND): KIND, "web~1~place": PLACE, "x-shop:two": TWO}

JSON = "application/json; charset=utf-8"
GRAPHQL_JSON = "application/graphql-response+json; charset=utf-8"
PRIVATE = "private, no-cache, must-revalidate"
ACCEPT = {"accept": "application/graphql-response+json"}
DATA = b'{"data":{"__typename":"Query"}}'
NOWHERE = b'{"data":{"location":null}}'
SLUG = {"variables": {"slug": "nowhere"}}


def error(message: str, code: str) -> bytes:
    return json.dumps({"errors": [{"message": message, "extensions": {"code": code}}]}, separators=(",", ":")).encode()


NOT_FOUND = error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
NOT_SUPPORTED = error("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
MISMATCH = error("provided sha does not match query", "PERSISTED_QUERY_HASH_MISMATCH")
VERSION = error("Unsupported persisted query version", "BAD_REQUEST")
NOT_IN_LIST = error("No document is registered under this id.", "PERSISTED_QUERY_NOT_IN_LIST")
ID_REQUIRED = error("Only registered documents run, by their id.", "PERSISTED_QUERY_ID_REQUIRED")
BOTH = error("A request has a document id or a query, not both.", "CANNOT_SEND_PQ_ID_AND_BODY")
NOT_SAFE = error("Only registered documents run, and this is none.", "QUERY_NOT_IN_SAFELIST")


@dataclass(frozen=True)
class Case:
    """One request. sends: a POST's body, or with ``by_get`` the query string's parameters."""

    name: str
    sends: dict[str, Any] | list[Any]
    status: int
    body: bytes
    path: str = "/graphql"
    by_get: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    cache_control: str | None = None


def apollo(sha256: str, version: int = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": sha256}}}


async def check(cases: list[Case], monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """Send every request of a table, in its order, to one gateway; tell all that are answered otherwise."""
    wrong: list[str] = []
    async with serving(monkeypatch, REGISTERED, **settings) as client:
        for case in cases:
            if case.by_get:
                assert isinstance(case.sends, dict)
                sends = {
                    name: value if isinstance(value, str) else json.dumps(value) for name, value in case.sends.items()
                }
                response = await client.get(case.path, params=sends, headers=case.headers)
            else:
                response = await client.post(case.path, json=case.sends, headers=case.headers)
            found = (
                response.status_code,
                response.headers["content-type"],
                response.headers.get_list("cache-control"),
                response.content,
            )
            refused = b'"errors"' in case.body and b"query is missing" not in case.body
            cached = case.cache_control or (PRIVATE if refused else "no-store")
            expected = (case.status, case.content_type, [cached], case.body)
            if found != expected:
                wrong.append(f"{case.name}\n  is       {found}\n  expected {expected}")
    assert not wrong, "\n".join(wrong)


BY_ID = [
    Case("documentId, prefixed, in the body", {"documentId": prefixed(KIND)}, 200, DATA),
    Case("documentId, bare sha256", {"documentId": sha256_of(KIND)}, 200, DATA),
    Case("documentId, custom", {"documentId": "web~1~place", **SLUG}, 200, NOWHERE),
    Case("documentId, the digest of a custom one", {"documentId": prefixed(PLACE), **SLUG}, 200, NOWHERE),
    Case(
        "documentId, private prefix",
        {"documentId": "x-shop:two", "operationName": "One"},
        200,
        b'{"data":{"one":"Query"}}',
    ),
    Case("documentId in the query string", {"documentId": prefixed(KIND)}, 200, DATA, by_get=True),
    Case("documentId in the query string of a POST", {}, 200, DATA, path=f"/graphql?documentId={sha256_of(KIND)}"),
    Case("documentId in the path", {}, 200, DATA, path=f"/graphql/{prefixed(KIND)}", by_get=True),
    Case("documentId in the path, escaped", {}, 200, DATA, path=f"/graphql/sha256%3A{sha256_of(KIND)}", by_get=True),
    Case("documentId in the path of a POST", SLUG, 200, NOWHERE, path="/graphql/web~1~place"),
    Case("documentId with variables by GET", {"documentId": "web~1~place", **SLUG}, 200, NOWHERE, by_get=True),
    Case(
        "documentId, GraphQL's media type",
        {"documentId": prefixed(KIND)},
        200,
        DATA,
        headers=ACCEPT,
        content_type=GRAPHQL_JSON,
    ),
    Case("an Apollo id", apollo(sha256_of(KIND)), 200, DATA),
    Case("an Apollo id by GET", apollo(sha256_of(KIND)), 200, DATA, by_get=True),
    Case("an Apollo id that is no digest", {**apollo("web~1~place"), **SLUG}, 200, NOWHERE),
    Case("Relay's doc_id", {"doc_id": "web~1~place", **SLUG}, 200, NOWHERE),
    Case("Relay's doc_id by GET", {"doc_id": "web~1~place", **SLUG}, 200, NOWHERE, by_get=True),
    Case("Hot Chocolate's id", {"id": "web~1~place", **SLUG}, 200, NOWHERE),
    Case("Hot Chocolate's id by GET", {"id": "web~1~place", **SLUG}, 200, NOWHERE, by_get=True),
    Case("documentId that is not registered", {"documentId": prefixed(OTHER)}, 404, NOT_IN_LIST),
    Case(
        "the same in GraphQL's media type",
        {"documentId": prefixed(OTHER)},
        404,
        NOT_IN_LIST,
        headers=ACCEPT,
        content_type=GRAPHQL_JSON,
    ),
    Case("the same by GET", {"documentId": prefixed(OTHER)}, 404, NOT_IN_LIST, by_get=True),
    Case("the same in the path", {}, 404, NOT_IN_LIST, path="/graphql/nowhere", by_get=True),
    Case("doc_id that is not registered", {"doc_id": MD5}, 404, NOT_IN_LIST),
    Case("id that is not registered", {"id": MD5}, 404, NOT_IN_LIST),
    Case("documentId and a query", {"documentId": prefixed(KIND), "query": KIND}, 400, BOTH),
    Case("documentId in the path and a query", {"query": KIND}, 400, BOTH, path=f"/graphql/{prefixed(KIND)}"),
    Case("doc_id and a query", {"doc_id": "web~1~place", "query": PLACE}, 400, BOTH),
    Case("id and a query", {"id": "web~1~place", "query": PLACE}, 400, BOTH),
    Case("an upper-case digest, bare", {"documentId": sha256_of(KIND).upper()}, 404, NOT_IN_LIST),
    Case(
        "an upper-case digest, prefixed",
        {"documentId": f"sha256:{'AB' * 32}"},
        400,
        error(f"sha256: is followed by 64 lowercase hexadecimal digits, not '{'AB' * 32}'", "BAD_REQUEST"),
    ),
    Case("another version of Apollo's", apollo(sha256_of(KIND), 2), 400, VERSION),
    Case(
        "two ids",
        {"documentId": sha256_of(KIND)},
        400,
        error("documentId is not the document id in the path", "BAD_REQUEST"),
        path="/graphql/web~1~place",
    ),
]

AUTOMATIC = [
    Case("a miss", apollo(sha256_of(OTHER)), 200, NOT_FOUND),
    Case(
        "a miss in GraphQL's media type",
        apollo(sha256_of(OTHER)),
        200,
        NOT_FOUND,
        headers=ACCEPT,
        content_type=GRAPHQL_JSON,
    ),
    Case("a miss by GET", apollo(sha256_of(OTHER)), 200, NOT_FOUND, by_get=True),
    Case("another text's digest", {**apollo(sha256_of(OTHER)), "query": KIND}, 400, MISMATCH),
    Case("an upper-case digest", {**apollo(sha256_of(OTHER).upper()), "query": OTHER}, 400, MISMATCH),
    Case("still a miss", apollo(sha256_of(OTHER)), 200, NOT_FOUND),
    Case("a registration", {**apollo(sha256_of(OTHER)), "query": OTHER}, 200, b'{"data":{"other":"Query"}}'),
    Case("a hit", apollo(sha256_of(OTHER)), 200, b'{"data":{"other":"Query"}}'),
    Case("a hit by GET", apollo(sha256_of(OTHER)), 200, b'{"data":{"other":"Query"}}', by_get=True),
    Case(
        "a registration by GET",
        {**apollo(sha256_of("{a:__typename}")), "query": "{a:__typename}"},
        200,
        b'{"data":{"a":"Query"}}',
        by_get=True,
    ),
    Case("a hit of that", apollo(sha256_of("{a:__typename}")), 200, b'{"data":{"a":"Query"}}'),
    Case("what was registered is no documentId", {"documentId": prefixed(OTHER)}, 404, NOT_IN_LIST),
    Case("a text alone", {"query": OTHER}, 200, b'{"data":{"other":"Query"}}'),
    Case("nothing at all", {}, 400, error("query is missing", "BAD_REQUEST")),
]

SWITCHED_OFF = [
    Case("a digest", apollo(sha256_of(OTHER)), 200, NOT_SUPPORTED),
    Case("a digest by GET", apollo(sha256_of(OTHER)), 200, NOT_SUPPORTED, by_get=True),
    Case("a digest and its text", {**apollo(sha256_of(OTHER)), "query": OTHER}, 200, NOT_SUPPORTED),
    Case("still", apollo(sha256_of(OTHER)), 200, NOT_SUPPORTED),
    Case("a registered document", apollo(sha256_of(KIND)), 200, DATA),
    Case("a text alone", {"query": OTHER}, 200, b'{"data":{"other":"Query"}}'),
]

BATCH = error("the body must be a JSON object, not an array", "BAD_REQUEST")
NO_SECOND = error("the document has no operation 'Second'", "OPERATION_RESOLUTION_FAILURE")
SEVERAL = error("the document has several operations: name one", "OPERATION_RESOLUTION_FAILURE")

LISTED = [
    Case("Apollo's id that is not in the list", apollo(sha256_of(OTHER)), 404, NOT_IN_LIST),
    Case("the same by GET", apollo(sha256_of(OTHER)), 404, NOT_IN_LIST, by_get=True),
    Case("a digest and its text", {**apollo(sha256_of(OTHER)), "query": OTHER}, 400, BOTH),
    Case("the same by GET", {**apollo(sha256_of(OTHER)), "query": OTHER}, 400, BOTH, by_get=True),
    Case("a registered digest and its text", {**apollo(sha256_of(KIND)), "query": KIND}, 400, BOTH),
    Case("a registered digest and another text", {**apollo(sha256_of(KIND)), "query": OTHER}, 400, BOTH),
    Case("a batch", [{"documentId": prefixed(KIND)}], 400, BATCH, cache_control="no-store"),
    Case("a batch of two", [{"query": KIND}, {"query": KIND}], 400, BATCH, cache_control="no-store"),
    Case(
        "an operation that is not there",
        {"documentId": prefixed(KIND), "operationName": "Second"},
        400,
        NO_SECOND,
        cache_control="no-store",
    ),
    Case("two operations, none named", {"documentId": "x-shop:two"}, 400, SEVERAL, cache_control="no-store"),
]

IDS_ONLY = [
    Case("a text", {"query": OTHER}, 400, ID_REQUIRED),
    Case("a text by GET", {"query": OTHER}, 400, ID_REQUIRED, by_get=True),
    Case("the text of a registered document", {"query": KIND}, 400, ID_REQUIRED),
    Case("introspection", {"query": "{ __schema { types { name } } }"}, 400, ID_REQUIRED),
    Case("a text that does not parse", {"query": "{"}, 400, ID_REQUIRED),
    Case("nothing at all", {}, 400, ID_REQUIRED),
    Case("an empty extension", {"query": KIND, "extensions": {}}, 400, ID_REQUIRED),
]

SAFELIST = [
    Case("the text of a registered document", {"query": KIND}, 200, DATA),
    Case("the same by GET", {"query": KIND}, 200, DATA, by_get=True),
    Case("another text", {"query": OTHER}, 403, NOT_SAFE),
    Case("another text by GET", {"query": OTHER}, 403, NOT_SAFE, by_get=True),
    Case("introspection", {"query": "{ __schema { types { name } } }"}, 403, NOT_SAFE),
    Case("a text that does not parse", {"query": "{"}, 403, NOT_SAFE),
]


async def test_open(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + AUTOMATIC, monkeypatch)


async def test_open_without_redis(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + AUTOMATIC, monkeypatch, REDIS_URL="")


async def test_log_unknown(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + AUTOMATIC, monkeypatch, DOCUMENTS="log-unknown")


async def test_automatic_persisted_queries_switched_off(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + SWITCHED_OFF, monkeypatch, APQ="off")


async def test_ids_only(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + LISTED + IDS_ONLY, monkeypatch, DOCUMENTS="ids-only")


async def test_safelist(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(BY_ID + LISTED + SAFELIST, monkeypatch, DOCUMENTS="safelist")


WITHOUT_ITS_PROTOCOL = [
    Case("a path", {}, 404, NOT_IN_LIST, path=f"/graphql/{prefixed(KIND)}", by_get=True),
    Case("a path and a query", {"query": KIND}, 404, NOT_IN_LIST, path=f"/graphql/{prefixed(KIND)}"),
    Case("documentId", {"documentId": prefixed(KIND)}, 400, error("query is missing", "BAD_REQUEST")),
    Case("documentId beside a query", {"documentId": "anything", "query": KIND}, 200, DATA),
    Case("Relay's doc_id", {"doc_id": sha256_of(KIND)}, 200, DATA),
]


async def test_a_protocol_that_is_left_out(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(WITHOUT_ITS_PROTOCOL, monkeypatch, DOCUMENT_PROTOCOLS="relay")


WITHOUT_REGISTRY = [
    Case("documentId", {"documentId": prefixed(KIND)}, 404, NOT_IN_LIST),
    Case("a text", {"query": KIND}, 200, DATA),
    *AUTOMATIC,
]


async def test_no_registry(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await check(WITHOUT_REGISTRY, monkeypatch, REGISTRY="off")


async def test_what_does_not_validate_is_not_registered(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    registration = {**apollo(sha256_of(INVALID)), "query": INVALID}
    async with serving(monkeypatch) as client:
        refused = await client.post("/graphql", json=registration, headers=ACCEPT)
        miss = await client.post("/graphql", json=apollo(sha256_of(INVALID)))

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert miss.content == NOT_FOUND


async def test_what_no_operation_can_be_chosen_of_is_not_registered(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(monkeypatch) as client:
        refused = await client.post("/graphql", json={**apollo(sha256_of(TWO)), "query": TWO})
        miss = await client.post("/graphql", json=apollo(sha256_of(TWO)))

    assert refused.status_code == 400
    assert miss.content == NOT_FOUND


async def test_a_registration_is_found_by_another_process(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as one:
        await one.post("/graphql", json={**apollo(sha256_of(OTHER)), "query": OTHER})

        async with running(configured(monkeypatch)) as other:
            hit = await other.post("/graphql", json=apollo(sha256_of(OTHER)))

    assert hit.content == b'{"data":{"other":"Query"}}'
