"""``extensions.plan``: what it tells of statements, and why there is no plan or no kept answer."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.pantry import Pantry, stocked, storefront
from tests.registered import serving

SECRET_SLUG = "a-slug-that-nobody-else-is-to-read"  # noqa: S105 - a value of a variable
PAGE = """query Page($slug: String!) {
    location(slug: $slug) { name menus { sections { items { name prices { audience } } } } }
}"""
EXPLAIN = {"extensions": {"plan": True}}


async def stock() -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, SECRET_SLUG)

    await stocked(fill)


async def plan_of(client: httpx2.AsyncClient, query: str = PAGE, **variables: Any) -> dict[str, Any]:
    response = await client.post("/graphql", json={"query": query, "variables": variables, **EXPLAIN})
    told: dict[str, Any] = response.json()["extensions"]["plan"]
    return told


async def test_statements_of_resolvers_have_fields_rows_and_time(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await stock()

    async with serving(monkeypatch, PLANS="off", PLAN_EXPLAIN="on") as client:
        told = await plan_of(client, slug=SECRET_SLUG)

    assert (told["by"], told["reason"]) == ("resolvers", "plans are off")
    assert [(one["path"], one["rows"]) for one in told["statements"]] == [
        ("location", 1),
        ("location.menus", 1),
        ("location.menus[].sections", 2),
        ("location.menus[].sections[].items", 4),
        ("location.menus[].sections[].items[].prices", 8),
    ]
    assert all(one["milliseconds"] > 0 and one["sql"].startswith("SELECT") for one in told["statements"])


@pytest.mark.parametrize("plans", ["on", "off"])
async def test_no_value_of_a_variable_is_told(store: str, monkeypatch: pytest.MonkeyPatch, plans: str) -> None:
    await stock()

    async with serving(monkeypatch, PLANS=plans, PLAN_EXPLAIN="on") as client:
        told = await plan_of(client, slug=SECRET_SLUG)

    assert len(told["statements"]) == 5
    assert SECRET_SLUG not in str(told)


async def test_an_answer_that_is_not_kept_says_why(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await stock()

    async with serving(monkeypatch, RESPONSE_CACHE="on", PLAN_EXPLAIN="on") as client:
        kept = await plan_of(client, slug=SECRET_SLUG)
        introspecting = await plan_of(client, "{ __schema { queryType { name } } locations { nodes { name } } }")

    assert kept["uncacheable"] is None
    assert introspecting["uncacheable"] == "__schema: introspection"
    assert introspecting["reason"] == "introspection"
    assert [one["path"] for one in introspecting["statements"]] == ["locations"]


@pytest.mark.parametrize("setting", ["off", "scope:larder:explain"])
async def test_whoever_may_not_ask_is_told_nothing(store: str, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    async with serving(monkeypatch, PLAN_EXPLAIN=setting) as client:
        response = await client.post("/graphql", json={"query": PAGE, "variables": {"slug": "x"}, **EXPLAIN})

    assert response.json() == {"data": {"location": None}}
