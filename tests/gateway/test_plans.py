"""Plans behind the endpoint: who answers, what a store that fails looks like, how an operation is explained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import httpx2
import orjson
import pytest
import strawberry
from asgiref.sync import sync_to_async
from strawberry.scalars import JSON

from gateway.asgi import Gateway, build
from gateway.config import config
from gateway.endpoint.answering import Answering, AnsweringRules
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from loaders.fields import argument, column, computed, larder_type, lookup
from loaders.lanes import Lanes
from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from schema.root import schema as shipped
from tests.library import fetches, models
from tests.library.schema import schema as library_schema
from tests.library.shelves import Shelves
from tests.pantry import Pantry, stocked, storefront
from tests.registered import told

NOWHERE = "postgresql://nobody@/nowhere?host=/nowhere"
PAGE = """query Page($slug: String!) {
    location(slug: $slug) { name menus { name sections { name items { name prices { audience } } } } }
}"""
PAGE_STATEMENTS = 5


@asynccontextmanager
async def clients(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://larder") as client:
        yield client


@asynccontextmanager
async def started(gateway: Gateway) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the whole application, between its start-up and its shutdown."""
    messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(gateway({"type": "lifespan"}, messages.get, sent.put))
    await messages.put({"type": "lifespan.startup"})
    assert await sent.get() == {"type": "lifespan.startup.complete"}
    try:
        async with clients(gateway) as client:
            yield client
    finally:
        await messages.put({"type": "lifespan.shutdown"})
        await life


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings are read anew from an environment that the test may change."""
    config.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    config.cache_clear()


def answering_of(gateway: Gateway) -> Answering:
    return cast("GraphQLEndpoint", gateway.routes["/graphql"]).answering


def execution_of(gateway: Gateway) -> Execution:
    return answering_of(gateway).execution


async def stock() -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa")

    await stocked(fill)


async def ask(client: httpx2.AsyncClient, query: str, **more: Any) -> Any:
    response = await client.post("/graphql", json={"query": query, **more})
    assert response.status_code == 200
    return response


async def test_a_plan_answers_a_page_of_the_storefront(store: str, configured: pytest.MonkeyPatch) -> None:
    await stock()
    configured.setenv("LARDER_RESPONSE_CACHE", "off")
    gateway = build()

    async with started(gateway) as client:
        response = await ask(client, PAGE, variables={"slug": "mensa"})
        configured.setenv("LARDER_PLANS", "off")
        config.cache_clear()
        resolvers = build()
        async with started(resolvers) as other:
            reference = await ask(other, PAGE, variables={"slug": "mensa"})

    plans = execution_of(gateway).plans
    assert plans is not None
    assert (plans.counters.answered, plans.counters.statements) == (1, PAGE_STATEMENTS)
    assert execution_of(resolvers).plans is None
    assert response.content == reference.content
    assert told(response) == told(reference)
    assert len(response.json()["data"]["location"]["menus"][0]["sections"][0]["items"]) == 2


async def test_settings_reach_the_engine(store: str, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("LARDER_PLAN_LANES", "5")
    configured.setenv("LARDER_PLAN_BATCHING", "off")
    configured.setenv("LARDER_PLAN_SHADOW", "0.25")
    configured.setenv("LARDER_PLAN_EXPLAIN", "on")
    answering = answering_of(build())
    execution = answering.execution

    assert execution.plans is not None
    assert answering.rules.plan_explain == "on"
    assert not execution.plans.groups.on
    assert cast("PipelineLanes", execution.plans.lanes).count == 5
    assert execution.plans.shadow is not None
    assert execution.plans.shadow.share == 0.25
    assert execution.plans.opening.reads_heads


async def test_without_settings_nothing_is_compared_or_explained(store: str, configured: pytest.MonkeyPatch) -> None:
    answering = answering_of(build())
    execution = answering.execution

    assert execution.plans is not None
    assert execution.plans.shadow is None
    assert answering.rules.plan_explain == "off"


async def test_an_operation_without_a_plan_is_resolved(store: str) -> None:
    await stock()

    async with serving(store) as (client, plans):
        response = await ask(client, '{ __type(name: "Location") { name } location(slug: "mensa") { name } }')

    assert response.json() == {"data": {"__type": {"name": "Location"}, "location": {"name": "Mensa"}}}
    assert plans.counters.not_compilable == {"introspection": 1}


@asynccontextmanager
async def serving(
    database_url: str,
    *,
    schema: strawberry.Schema = shipped,
    plans_url: str | None = None,
    count: int = 2,
    wait_seconds: float = 3,
    may_explain: bool = False,
) -> AsyncIterator[tuple[httpx2.AsyncClient, PlanEngine]]:
    """A client of an endpoint with plans, and its engine."""
    lanes = Lanes(database_url, count=count, wait_seconds=wait_seconds)
    plan_lanes = PipelineLanes(plans_url or database_url, count=count, wait_seconds=wait_seconds)
    await lanes.open()
    await plan_lanes.open()
    plans = PlanEngine(schema, plan_lanes)
    try:
        async with clients(
            GraphQLEndpoint(
                Answering(
                    Execution(schema, lanes, plans), rules=AnsweringRules(plan_explain="on" if may_explain else "off")
                )
            )
        ) as client:
            yield client, plans
    finally:
        await plan_lanes.close()
        await lanes.close()


@asynccontextmanager
async def resolving(
    database_url: str, *, schema: strawberry.Schema = shipped, wait_seconds: float = 3
) -> AsyncIterator[tuple[httpx2.AsyncClient, Lanes]]:
    """A client of an endpoint without plans, and its one lane."""
    lanes = Lanes(database_url, count=1, wait_seconds=wait_seconds)
    await lanes.open()
    try:
        async with clients(GraphQLEndpoint(Answering(Execution(schema, lanes)))) as client:
            yield client, lanes
    finally:
        await lanes.close()


OPERATIONS = [
    '{ location(slug: "mensa") { name menus { name } } }',
    '{ locations { totalCount } location(slug: "mensa") { name } kind: __typename }',
    "{ freshness { source } }",
    '{ nodes(ids: ["x"]) { id } }',
    "{ __typename }",
]


@pytest.mark.parametrize("query", OPERATIONS)
async def test_a_store_that_is_down_is_reported_as_without_plans(query: str) -> None:
    async with resolving(NOWHERE, wait_seconds=0.2) as (client, _):
        reference = await ask(client, query)
    async with serving(NOWHERE, wait_seconds=0.2) as (client, plans):
        response = await ask(client, query)

    assert response.content == reference.content
    assert plans.counters.answered == 0
    for error in response.json().get("errors", []):
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE"


async def test_a_page_of_a_store_that_is_down_is_null() -> None:
    async with serving(NOWHERE, wait_seconds=0.2) as (client, _):
        response = await ask(client, "{ freshness { source } }")

    payload = response.json()
    assert payload["data"] is None
    [error] = payload["errors"]
    assert error["message"] == "The store does not answer."
    assert error["path"] == ["freshness"]


@pytest.mark.parametrize("query", OPERATIONS[:3])
async def test_a_store_without_a_free_lane_is_reported_as_without_plans(store: str, query: str) -> None:
    async with resolving(store, wait_seconds=0.2) as (client, lanes), lanes.lane():
        reference = await ask(client, query)
    async with serving(store, wait_seconds=0.2) as (client, plans), AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(cast("PipelineLanes", plans.lanes).hold(list))
        response = await ask(client, query)

    assert response.content == reference.content
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"STORE_BUSY"}


async def test_a_store_that_comes_back_is_read_again(store: str) -> None:
    await stock()
    query = '{ location(slug: "mensa") { name } }'

    async with serving(store, wait_seconds=0.2) as (client, plans):
        async with AsyncExitStack() as held:
            for _ in range(2):
                await held.enter_async_context(cast("PipelineLanes", plans.lanes).hold(list))
            assert "errors" in (await ask(client, query)).json()
        response = await ask(client, query)

    assert response.content == b'{"data":{"location":{"name":"Mensa"}}}'
    assert plans.counters.answered == 1


@larder_type(models.Author)
class Sized:
    name: str = column("Name.")
    size: JSON = computed(lambda _: {"n": 2**64, "m": -(2**70)}, ["name"], "Integers beyond 64 bit.")


@strawberry.type
class SizedQuery:
    author: Sized | None = lookup(fetches.author_by_id, argument("id", strawberry.ID, "Its id."), "An author.")


@pytest.fixture
async def library(database_url: str) -> str:
    """Address of the store, with the library filled."""
    await sync_to_async(Shelves().fill)()
    return database_url


async def test_integers_of_any_length_are_answered(library: str) -> None:
    async with serving(library, schema=strawberry.Schema(query=SizedQuery)) as (client, plans):
        response = await ask(client, "{ author(id: 1) { size } }")

    assert response.content == b'{"data":{"author":{"size":{"n":18446744073709551616,"m":-1180591620717411303424}}}}'
    assert plans.counters.deopts == {"a value that orjson cannot write": 1}


async def test_an_integer_of_any_length_in_a_json_column_is_answered(library: str) -> None:
    await models.Book.objects.all().aupdate(extras={"big": 10**40})
    query = "{ books(first: 1) { nodes { extras } } }"

    async with serving(library, schema=library_schema) as (client, plans):
        response = await ask(client, query)

    assert response.content == b'{"data":{"books":{"nodes":[{"extras":{"big":1' + b"0" * 40 + b"}}]}}}"
    assert plans.counters.deopts.total() == 1


async def test_a_client_error_has_the_message_of_the_resolver_path(library: str) -> None:
    query = "query ($after: String) { discs(after: $after) { totalCount } }"

    async with serving(library, schema=library_schema) as (client, plans):
        response = await ask(client, query, variables={"after": "nowhere"})
    async with resolving(library, schema=library_schema) as (client, _):
        reference = await ask(client, query, variables={"after": "nowhere"})

    assert response.content == reference.content
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_CURSOR"
    assert plans.counters.deopts == {"BadCursor": 1}


EXPLAIN = {"extensions": {"plan": True}}


async def test_a_request_may_ask_how_it_was_executed(store: str) -> None:
    await stock()

    async with serving(store, may_explain=True) as (client, plans):
        plain = await ask(client, PAGE, variables={"slug": "mensa"})
        response = await ask(client, PAGE, variables={"slug": "mensa"}, **EXPLAIN)

    told = response.json()["extensions"]["plan"]
    assert "extensions" not in plain.json()
    assert response.json()["data"] == plain.json()["data"]
    assert (told["operation"], told["by"]) == ("Page", "plan")
    assert [one["path"] for one in told["statements"]][:2] == ["location", "location.menus"]
    assert len(told["statements"]) == PAGE_STATEMENTS
    assert plans.counters.answered == 2


async def test_an_operation_of_the_resolvers_is_explained_too(store: str) -> None:
    async with serving(store, may_explain=True) as (client, _):
        response = await ask(client, '{ __type(name: "Item") { name } }', **EXPLAIN)

    told = response.json()["extensions"]["plan"]
    assert response.json()["data"] == {"__type": {"name": "Item"}}
    assert (told["by"], told["reason"], told["path"]) == ("resolvers", "introspection", "__type")


@pytest.mark.parametrize("extensions", [{"plan": False}, {"plan": "yes"}, {"plan": None}, {"other": True}, {}])
async def test_nothing_is_explained_unasked(store: str, extensions: dict[str, Any]) -> None:
    async with serving(store, may_explain=True) as (client, _):
        response = await ask(client, "{ __typename }", extensions=extensions)

    assert response.content == b'{"data":{"__typename":"Query"}}'


async def test_nothing_is_explained_where_it_is_not_allowed(store: str) -> None:
    async with serving(store, may_explain=False) as (client, _):
        response = await ask(client, '{ location(slug: "mensa") { name } }', **EXPLAIN)

    assert response.content == b'{"data":{"location":null}}'


async def test_a_document_that_is_not_valid_is_not_explained(store: str) -> None:
    async with serving(store, may_explain=True) as (client, _):
        response = await client.post("/graphql", json={"query": "{ nonsense }", **EXPLAIN})

    assert response.status_code == 200
    assert response.json().keys() == {"errors"}


async def test_errors_and_the_explanation_stand_side_by_side() -> None:
    async with serving(NOWHERE, wait_seconds=0.2, may_explain=True) as (client, _):
        response = await ask(client, "{ freshness { source } }", **EXPLAIN)

    payload = orjson.loads(response.content)
    assert payload["data"] is None
    assert payload["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
    assert "extensions" not in payload, "the statements cannot be run"
