"""Limits as a client meets them: over HTTP, in both media types."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import strawberry

from gateway.endpoint.answering import Answering, AnsweringRules
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from gateway.limits.budgets import Budgets, CostMode
from loaders.directives.list_size import list_size
from loaders.lanes import Lanes


@strawberry.type
class Shelf:
    name: str

    @strawberry.field
    def shelves(self) -> list[Shelf]:
        return [Shelf(name="inner")]


@strawberry.type
class Query:
    @strawberry.field(directives=[list_size(by=["ids"])])  # type: ignore[untyped-decorator]
    def shelves(self, ids: list[int]) -> list[Shelf]:
        return [Shelf(name=str(one)) for one in ids]


def client_of(budgets: Budgets, response_bytes: int = 1_000) -> httpx2.AsyncClient:
    execution = Execution(strawberry.Schema(Query), Lanes("postgresql://nobody@/nowhere"), budgets=budgets)
    rules = AnsweringRules(response_bytes=response_bytes)
    endpoint: Any = GraphQLEndpoint(Answering(execution, budgets=budgets, rules=rules))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=endpoint), base_url="http://larder")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(Budgets(allowed=200, allowed_resolvers=100)) as client:
        yield client


BY_IDS = "query($ids: [Int!]!) { shelves(ids: $ids) { name } }"
BOMB = "{ shelves(ids: []) { ...F0 } } " + " ".join(
    f"fragment F{at} on Shelf {{ ...F{at + 1} ...F{at + 1} }}" for at in range(90)
)

REFUSED: dict[str, tuple[str, dict[str, Any] | None, str]] = {
    "DOCUMENT_TOO_LARGE": ("{ shelves(ids: [" + " " * 50_000 + "]) { name } }", None, "50,000 bytes are allowed"),
    "TOO_MANY_TOKENS": ("{ shelves(ids: [" + "1 " * 2_000 + "]) { name } }", None, "more than 2,000 tokens"),
    "DOCUMENT_TOO_DEEP": ("{ shelves(ids: [])" + "{ shelves " * 16 + "{ name }" + "}" * 17, None, "has 18 levels"),
    "TOO_MANY_SELECTIONS": (f"{BOMB} fragment F90 on Shelf {{ __typename }}", None, "1,000,000,000 or more"),
    "LIST_TOO_LONG": (BY_IDS, {"ids": [1] * 1_001}, "$ids has 1,001 elements"),
    "DOCUMENT_TOO_COMPLEX": ("{ shelves(ids: []) { " + "name " * 1_900 + "} }", None, "20,000 are allowed"),
    "COST_ESTIMATED_TOO_EXPENSIVE": (BY_IDS, {"ids": [1] * 201}, "cost 201; 200 is allowed"),
    "RESPONSE_TOO_LARGE": (BY_IDS, {"ids": [10**6] * 90}, "1,000 bytes are allowed"),
}


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize("code", REFUSED)
async def test_too_much_is_refused(client: httpx2.AsyncClient, code: str, accept: str) -> None:
    query, variables, words = REFUSED[code]

    for _ in range(2):
        response = await client.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"accept": accept}
        )

        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert "data" not in response.json()
        assert error["extensions"]["code"] == code
        assert words in error["message"]


async def test_resolvers_do_not_run_what_costs_too_much_for_them(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": BY_IDS, "variables": {"ids": [1] * 101}})

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {
        "code": "COST_ESTIMATED_TOO_EXPENSIVE",
        "cost": {"estimated": 101, "allowed": 100},
    }


async def test_as_much_as_is_allowed_is_answered(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": BY_IDS, "variables": {"ids": [1, 2]}})

    assert response.json() == {"data": {"shelves": [{"name": "1"}, {"name": "2"}]}}


async def test_costs_that_are_off_refuse_nothing() -> None:
    async with client_of(Budgets(CostMode.OFF, 1, 1), response_bytes=1_000_000) as client:
        response = await client.post("/graphql", json={"query": BY_IDS, "variables": {"ids": [1] * 900}})

    assert len(response.json()["data"]["shelves"]) == 900
