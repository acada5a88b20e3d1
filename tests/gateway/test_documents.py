"""Documents behind the endpoint: what a prepared one costs, which modes let what run, when the gateway is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import httpx2
import psycopg
import pytest
import structlog
from graphql import Lexer
from graphql.validation import ValidationContext

from gateway.asgi import Gateway
from gateway.config import config
from gateway.endpoint.graphql import GraphQLEndpoint
from persisted_queries.documents import sha256_of
from persisted_queries.policies import Mode, Policies, Policy
from plans.engine import PlanEngine
from tests.pantry import Pantry, stocked, storefront
from tests.registered import (
    KIND,
    PLACE,
    TWO,
    configured,
    execute,
    flush,
    prefixed,
    register,
    running,
    serving,
    told,
    until_ready,
)

PAGE = """query Page($slug: String!) {
    location(slug: $slug) { name menus { name sections { name items { name prices { audience } } } } }
}"""
NAMES = '{ __type(name: "Location") { name } location(slug: "mensa") { name } }'
MENSA = {"variables": {"slug": "mensa"}}


async def stock() -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa")

    await stocked(fill)


async def ready_with(gateway: Gateway, *documents: str) -> None:
    await flush(config().redis_url or "")
    await register(config().database_url, {prefixed(text): text for text in documents})


def endpoint_of(gateway: Gateway) -> GraphQLEndpoint:
    return cast("GraphQLEndpoint", gateway.routes["/graphql"])


def plans_of(gateway: Gateway) -> PlanEngine:
    plans = endpoint_of(gateway).answering.execution.plans
    assert plans is not None
    return plans


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """How often graphql-core parses and validates: each has one lexer, one context."""
    counts = {"parsed": 0, "validated": 0}

    def counting(kind: type, name: str) -> Any:
        begin = kind.__init__  # type: ignore[misc]

        def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807 - it stands in for one
            counts[name] += 1
            begin(self, *args, **options)

        return __init__

    with monkeypatch.context() as changed:
        changed.setattr(Lexer, "__init__", counting(Lexer, "parsed"))
        changed.setattr(ValidationContext, "__init__", counting(ValidationContext, "validated"))
        yield counts


async def test_a_prepared_document_is_neither_parsed_nor_validated_again(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock()
    gateway = configured(monkeypatch)
    await ready_with(gateway, PAGE, NAMES)

    async with running(gateway) as client:
        with counted(monkeypatch) as counts:
            pages = [await client.post("/graphql", json={"documentId": prefixed(PAGE), **MENSA}) for _ in range(3)]
            names = [await client.post("/graphql", json={"documentId": prefixed(NAMES)}) for _ in range(3)]
        with counted(monkeypatch) as unprepared:
            await client.post("/graphql", json={"query": PAGE + "#", **MENSA})

    assert counts == {"parsed": 0, "validated": 0}
    assert unprepared == {"parsed": 1, "validated": 1}
    assert plans_of(gateway).counters.answered == 4
    assert plans_of(gateway).counters.not_compilable == {"introspection": 3}
    assert len(pages[2].json()["data"]["location"]["menus"][0]["sections"][0]["items"]) == 2
    assert names[2].json() == {"data": {"__type": {"name": "Location"}, "location": {"name": "Mensa"}}}


async def test_more_documents_than_strawberry_remembers_are_not_parsed_again(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f'{{ a{number}: __type(name: "Item") {{ name }} }}' for number in range(200)]
    gateway = configured(monkeypatch)
    await ready_with(gateway, *texts)

    async with running(gateway) as client:
        with counted(monkeypatch) as counts:
            for text in texts:
                assert (await client.post("/graphql", json={"documentId": prefixed(text)})).status_code == 200

    assert counts == {"parsed": 0, "validated": 0}


async def test_the_first_request_finds_its_plan_compiled(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch)
    await ready_with(gateway, PAGE)

    async with running(gateway) as client:
        entry = await endpoint_of(gateway).answering.documents.registry.get(prefixed(PAGE))  # type: ignore[union-attr]
        assert entry is not None
        [operation] = [found.plan for found in (entry.prepared.operations or {}).values()]
        assert operation is not None
        variant = operation.variants.get((), lambda: pytest.fail("the operation was not compiled"))
        before = len(variant.plans)  # type: ignore[union-attr]
        await client.post("/graphql", json={"documentId": prefixed(PAGE), **MENSA})

    assert (before, len(variant.plans)) == (1, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize("plans", ["on", "off"])
@pytest.mark.parametrize("text", [PAGE, NAMES, "query Q($n: Int) { locations(first: $n) { totalCount } }"])
async def test_an_id_and_its_text_are_answered_alike(
    store: str, monkeypatch: pytest.MonkeyPatch, text: str, plans: str
) -> None:
    await stock()

    async with serving(monkeypatch, {prefixed(text): text}, PLANS=plans) as client:
        by_id = await client.post("/graphql", json={"documentId": prefixed(text), **MENSA})
        by_text = await client.post("/graphql", json={"query": text, **MENSA})

    assert by_id.content == by_text.content
    assert told(by_id) == told(by_text)
    assert "errors" not in by_id.json()


async def test_errors_of_a_registered_document_are_those_of_its_text(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = {"accept": "application/graphql-response+json"}

    async with serving(monkeypatch, {prefixed(PLACE): PLACE}) as client:
        by_id = await client.post("/graphql", json={"documentId": prefixed(PLACE)}, headers=accept)
        by_text = await client.post("/graphql", json={"query": PLACE}, headers=accept)

    assert by_id.status_code == by_text.status_code == 400
    assert by_id.content == by_text.content
    assert by_id.json()["errors"][0]["extensions"]["code"] == "BAD_VARIABLES"


async def test_a_registered_document_that_the_schema_has_outgrown_says_so(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgrown = "{ nothing }"
    await register(store, {prefixed(KIND): KIND})
    await execute(store, f"UPDATE larder_document_alias SET id = 'old' WHERE id = '{prefixed(KIND)}'")
    await execute(
        store,
        f"""
        INSERT INTO larder_document (sha256, text, bytes, normal_sha256)
        VALUES ('{sha256_of(outgrown)}', '{outgrown}', 11, 'x');
        UPDATE larder_document_alias SET document_id = '{sha256_of(outgrown)}';
        UPDATE larder_deployment_document SET document_id = '{sha256_of(outgrown)}'
        """,
    )

    async with serving(monkeypatch) as client:
        response = await client.post("/graphql", json={"documentId": "old"})

    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


# Modes

ORDERED = """query Place($slug: String! = "a") {
    location(slug: $slug) @include(if: true) { ...Names place: slug }
}
fragment Names on Location { name }"""

THE_SAME = [
    ORDERED,
    " ".join(ORDERED.split()),
    ORDERED.replace("\n", "\r\n\t").replace("{ ...", "# a comment\n{,,, ..."),
    "\n".join([ORDERED.splitlines()[3], *ORDERED.splitlines()[:3]]),
    "\ufeff" + ORDERED,
]
ANOTHER = [
    ORDERED.replace("{ name }", "{ slug }"),
    ORDERED.replace("{ name }", "{ name slug }"),
    ORDERED.replace("...Names place: slug", "place: slug ...Names"),
    ORDERED.replace("place: slug", "spot: slug"),
    ORDERED.replace("place: slug", "slug"),
    ORDERED.replace("slug: $slug", 'slug: "b"'),
    ORDERED.replace('"a"', '"b"'),
    ORDERED.replace(' = "a"', ""),
    ORDERED.replace(" @include(if: true)", ""),
    ORDERED.replace("@include(if: true)", "@include(if: false)"),
    ORDERED.replace("@include(if: true)", "@skip(if: true)"),
    ORDERED.replace("...Names place", "...on Location { name } place"),
    ORDERED.replace("query Place", "query Spot"),
    ORDERED.replace("$slug", "$place"),
    ORDERED + " query More { __typename }",
    ORDERED + " fragment More on Location { slug }",
    ORDERED.splitlines()[3],
    "{ __schema { types { name } } }",
    "{ __typename }",
    "",
    "{" * 30_000,
]


async def answers(client: httpx2.AsyncClient, texts: list[str], **headers: str) -> list[int]:
    return [(await client.post("/graphql", json={"query": text}, headers=headers)).status_code for text in texts]


async def test_a_safelist_takes_a_text_however_it_is_printed(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, DOCUMENTS="safelist")
    await ready_with(gateway, ORDERED)

    async with running(gateway) as client:
        assert await answers(client, THE_SAME * 2) == [200] * 10
        assert plans_of(gateway).counters.answered == 10
        assert await answers(client, ANOTHER * 2) == [403] * 2 * len(ANOTHER)
        assert plans_of(gateway).counters.answered == 10
        assert endpoint_of(gateway).answering.execution.preparer.prepared == 1


async def test_ids_only_takes_no_text(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, DOCUMENTS="ids-only")
    await ready_with(gateway, ORDERED)

    async with running(gateway) as client:
        assert await answers(client, THE_SAME + ANOTHER) == [400] * len(THE_SAME + ANOTHER)
        assert plans_of(gateway).counters.answered == 0
        assert endpoint_of(gateway).answering.execution.preparer.prepared == 1


async def test_unknown_documents_are_logged_once(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, DOCUMENTS="log-unknown")
    await ready_with(gateway, ORDERED)

    async with running(gateway) as client:
        with structlog.testing.capture_logs() as logged:
            assert await answers(client, [*THE_SAME, KIND, KIND, TWO[:17] + " }"], **{"graphql-client-name": "web"})

    unknown = [one for one in logged if one["event"] == "document is not registered"]
    assert [(one["client"], one["sha256"], one["document"]) for one in unknown] == [
        ("web", sha256_of(KIND), KIND),
        ("web", sha256_of(TWO[:17] + " }"), TWO[:17] + " }"),
    ]
    assert endpoint_of(gateway).answering.documents.unknown == 3


async def test_a_document_that_is_published_joins_the_safelist_at_once(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(monkeypatch, {prefixed(KIND): KIND}, DOCUMENTS="safelist") as client:
        assert await answers(client, [" " + PLACE]) == [403]
        await register(store, {prefixed(PLACE): PLACE}, version="2")
        await eventually(client, [" " + PLACE], [200])
        assert await answers(client, [KIND]) == [403]


async def eventually(client: httpx2.AsyncClient, texts: list[str], expected: list[int], **headers: str) -> None:
    """Wait for what a notification or a poll brings about."""
    async with asyncio.timeout(5):
        while await answers(client, texts, **headers) != expected:  # noqa: ASYNC110 - as a client does
            await asyncio.sleep(0.01)


STRICTER = "INSERT INTO larder_client (name, mode) VALUES ('web', 'ids-only'), ('tool', 'open'), ('ios', NULL)"


async def test_a_clients_own_mode_counts_where_it_is_stricter(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await execute(store, STRICTER)
    names = ["web", "tool", "ios", "nobody", ""]

    async with serving(monkeypatch, DOCUMENTS="open") as client:
        found = [await answers(client, [KIND], **{"graphql-client-name": name}) for name in names]
    async with serving(monkeypatch, DOCUMENTS="safelist") as client:
        listed = [await answers(client, [KIND], **{"apollographql-client-name": name}) for name in names]

    assert found == [[400], [200], [200], [200], [200]]
    assert listed == [[400], [403], [403], [403], [403]]


async def test_a_clients_mode_is_changed_without_a_restart(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await execute(store, STRICTER)
    web = {"graphql-client-name": "web"}

    async with serving(monkeypatch) as client:
        assert await answers(client, [KIND], **web) == [400]
        await execute(store, "UPDATE larder_client SET mode = NULL WHERE name = 'web'")
        await eventually(client, [KIND], [200], **web)


KEY = "a key for developers"


@pytest.mark.parametrize("mode", ["safelist", "ids-only"])
async def test_a_developer_bypasses_the_mode(store: str, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    registration = {"query": KIND, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(KIND)}}}

    async with serving(monkeypatch, DOCUMENTS=mode, DEVELOPER_KEY=KEY) as client:
        with_key = await answers(client, [KIND], **{"larder-developer-key": KEY})
        with_others = [await answers(client, [KIND], **{"larder-developer-key": key}) for key in (KEY[:-1], "")]
        registered = await client.post("/graphql", json=registration, headers={"larder-developer-key": KEY})

    assert with_key == [200]
    assert with_others == [[400 if mode == "ids-only" else 403]] * 2
    assert registered.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_without_a_developer_key_no_header_is_one(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, DOCUMENTS="ids-only") as client:
        assert await answers(client, [KIND], **{"larder-developer-key": ""}) == [400]
        assert await answers(client, [KIND], **{"larder-developer-key": "None"}) == [400]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"graphql-client-name": " "}, 400),
        ({"graphql-client-version": "1"}, 400),
        ({"graphql-client-name": "web"}, 200),
        ({"apollographql-client-name": "ios", "apollographql-client-version": "2"}, 200),
    ],
)
async def test_a_client_has_to_name_itself_where_that_is_required(
    store: str, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], status: int
) -> None:
    async with serving(monkeypatch, CLIENT_REQUIRED="on") as client:
        response = await client.post("/graphql", json={"query": KIND}, headers=headers)

    assert response.status_code == status
    if status != 200:
        assert response.json()["errors"][0]["extensions"]["code"] == "CLIENT_NAME_REQUIRED"


async def test_uses_are_counted_by_document_and_client(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    web = {"graphql-client-name": "web"}

    async with serving(monkeypatch, {prefixed(KIND): KIND, prefixed(PLACE): PLACE}, DOCUMENTS="safelist") as client:
        for _ in range(3):
            await client.post("/graphql", json={"documentId": prefixed(KIND)}, headers=web)
        await client.post("/graphql", json={"doc_id": sha256_of(KIND)})
        await answers(client, [" " + PLACE, "{ nothing }"], **web)

    async with await psycopg.AsyncConnection.connect(store) as connection:
        found = await connection.execute("SELECT document_id, client, count FROM larder_document_usage")
        counts = set(await found.fetchall())
    assert counts == {(sha256_of(KIND), "web", 3), (sha256_of(KIND), "", 1), (sha256_of(PLACE), "web", 1)}


# Health


async def test_the_gateway_is_ready_once_its_documents_are_prepared(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = configured(monkeypatch)
    texts = [f"{{ a{number}: __typename }}" for number in range(50)]
    await ready_with(gateway, *texts)

    async with running(gateway, ready=False) as client:
        first = await client.get("/health/ready")
        response = await until_ready(client)
        prepared = endpoint_of(gateway).answering.execution.preparer.prepared

    assert first.status_code == 503
    assert first.json() == {"status": "not ready", "store": "ok", "documents": "warming up"}
    assert response.json() == {"status": "ready", "store": "ok"}
    assert prepared == len(texts)


async def test_an_id_that_nobody_can_look_up_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = configured(monkeypatch, DATABASE_URL="postgresql://nobody@/nowhere?host=/nowhere", REDIS_URL="")

    async with running(nowhere, ready=False) as client:
        response = await client.post("/graphql", json={"documentId": prefixed(KIND)})
        text = await client.post("/graphql", json={"query": KIND})

    assert response.status_code == 503
    assert response.json() == {
        "errors": [{"message": "The store does not answer.", "extensions": {"code": "STORE_UNAVAILABLE"}}]
    }
    assert text.status_code == 200


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("own", [None, *Mode])
def test_policies(mode: Mode, own: Mode | None) -> None:
    policies = Policies(mode, registers=True, developer_key=KEY)
    modes = {"web": own} if own is not None else {}
    strictest = max(mode, own or mode, key=list(Mode).index)

    assert policies.of("web", modes, "") == Policy(strictest, registers=not strictest.lists)
    assert policies.of("ios", modes, "") == Policy(mode, registers=not mode.lists)
    assert policies.of("ios", modes, "clé") == policies.of("ios", modes, "")
    assert policies.of("web", modes, KEY) == Policy(Mode.OPEN, registers=not mode.lists)
