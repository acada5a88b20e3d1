"""Budgets of registered documents, as their clients meet them: the whole gateway, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from persisted_queries.budgeting import set_budget
from persisted_queries.budgets import Budget
from persisted_queries.documents import sha256_of
from tests.pantry import Pantry, stocked, storefront
from tests.registered import PLACE, prefixed, register, serving

HEAVY = "{ locations(first: 100) { nodes { menus { sections { items { id } } } } } }"
MENUS = "query Menus($slug: String!) { location(slug: $slug) { menus { sections { items { id name } } } } }"
BY_IDS = "query ByIds($ids: [ID!]!) { items: nodes(ids: $ids) { id } }"

Answer = tuple[int, str]


async def stock(items: int = 2) -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa", items=items)

    await stocked(fill)


def answer_of(response: httpx2.Response) -> Answer:
    errors = response.json().get("errors")
    return response.status_code, errors[0]["extensions"]["code"] if errors else ""


async def by_id(client: httpx2.AsyncClient, text: str, **variables: Any) -> Answer:
    return answer_of(await client.post("/graphql", json={"documentId": prefixed(text), "variables": variables}))


async def by_text(client: httpx2.AsyncClient, text: str, **variables: Any) -> Answer:
    return answer_of(await client.post("/graphql", json={"query": text, "variables": variables}))


async def give(store: str, text: str, budget: Budget | None) -> None:
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connected:
        await set_budget(connected, sha256_of(text), budget)


async def until_answered(client: httpx2.AsyncClient, text: str, expected: Answer, **variables: Any) -> None:
    """Wait for what a notification or a poll brings about."""
    async with asyncio.timeout(10):
        while await by_id(client, text, **variables) != expected:  # noqa: ASYNC110 - as a client does
            await asyncio.sleep(0.01)


RUNS = (200, "")
TOO_EXPENSIVE = (400, "COST_ESTIMATED_TOO_EXPENSIVE")
TOO_LARGE = (400, "RESPONSE_TOO_LARGE")


@pytest.mark.parametrize("cache", ["on", "off"])
@pytest.mark.parametrize("plans", ["on", "off"])
async def test_a_document_above_every_budget_runs_by_its_id_while_it_has_one_of_its_own(
    store: str, monkeypatch: pytest.MonkeyPatch, plans: str, cache: str
) -> None:
    await stock()
    async with serving(monkeypatch, {prefixed(HEAVY): HEAVY}, PLANS=plans, RESPONSE_CACHE=cache) as client:
        assert await by_id(client, HEAVY) == TOO_EXPENSIVE

        await give(store, HEAVY, Budget(cost=80_000))
        await until_answered(client, HEAVY, RUNS)
        assert [await by_text(client, HEAVY) for _ in range(2)] == [TOO_EXPENSIVE] * 2
        assert await by_id(client, HEAVY) == RUNS

        await give(store, HEAVY, None)
        await until_answered(client, HEAVY, TOO_EXPENSIVE)


async def test_a_budget_may_be_tighter_and_says_what_it_allows(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await stock()
    async with serving(monkeypatch, {prefixed(MENUS): MENUS}) as client:
        await give(store, MENUS, Budget(cost=100))
        await until_answered(client, MENUS, TOO_EXPENSIVE, slug="mensa")
        refused = await client.post("/graphql", json={"documentId": prefixed(MENUS), "variables": {"slug": "mensa"}})

        assert refused.json()["errors"][0]["extensions"]["cost"]["allowed"] == 100
        assert await by_text(client, MENUS, slug="mensa") == RUNS


@pytest.mark.parametrize("cost", ["9000", "30000"])
async def test_a_budget_above_that_of_resolvers_and_below_that_of_plans_holds_for_resolvers(
    store: str, monkeypatch: pytest.MonkeyPatch, cost: str
) -> None:
    await stock()
    async with serving(monkeypatch, {prefixed(MENUS): MENUS}, PLANS="off", MAX_COST_RESOLVERS="10") as client:
        assert await by_id(client, MENUS, slug="mensa") == TOO_EXPENSIVE

        await give(store, MENUS, Budget(cost=int(cost)))
        await until_answered(client, MENUS, RUNS, slug="mensa")
        assert await by_text(client, MENUS, slug="mensa") == TOO_EXPENSIVE


@pytest.mark.parametrize("plans", ["on", "off"])
async def test_limits_on_the_document_are_its_own_too(store: str, monkeypatch: pytest.MonkeyPatch, plans: str) -> None:
    await stock()
    settings = {"MAX_DEPTH": "3", "MAX_TOKENS": "20", "PLANS": plans}
    async with serving(monkeypatch, {prefixed(MENUS): MENUS}, **settings) as client:
        assert await by_id(client, MENUS, slug="mensa") == (400, "TOO_MANY_TOKENS")

        await give(store, MENUS, Budget(tokens=100))
        await until_answered(client, MENUS, (400, "DOCUMENT_TOO_DEEP"), slug="mensa")
        await give(store, MENUS, Budget(tokens=100, depth=5))
        await until_answered(client, MENUS, RUNS, slug="mensa")
        assert await by_text(client, MENUS, slug="mensa") == (400, "TOO_MANY_TOKENS")


async def test_so_are_those_on_its_variables(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {"ids": ["1"] * 6}
    async with serving(monkeypatch, {prefixed(BY_IDS): BY_IDS}, MAX_LIST_LENGTH="5") as client:
        assert await by_id(client, BY_IDS, **ids) == (400, "LIST_TOO_LONG")

        await give(store, BY_IDS, Budget(list_length=6))
        await until_answered(client, BY_IDS, RUNS, **ids)
        assert await by_text(client, BY_IDS, **ids) == (400, "LIST_TOO_LONG")


@pytest.mark.parametrize("cache", ["on", "off"])
async def test_the_size_of_an_answer_is_that_of_its_budget_and_the_text_is_not_answered_with_it(
    store: str, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    await stock(items=40)
    settings = {"MAX_RESPONSE_BYTES": "1000", "RESPONSE_CACHE": cache}
    async with serving(monkeypatch, {prefixed(MENUS): MENUS}, **settings) as client:
        assert await by_id(client, MENUS, slug="mensa") == TOO_LARGE

        await give(store, MENUS, Budget(response_bytes=100_000))
        await until_answered(client, MENUS, RUNS, slug="mensa")
        assert await by_id(client, MENUS, slug="mensa") == RUNS
        assert await by_text(client, MENUS, slug="mensa") == TOO_LARGE

        await give(store, MENUS, Budget(response_bytes=2_000))
        await until_answered(client, MENUS, TOO_LARGE, slug="mensa")


async def test_an_answer_to_the_text_is_not_one_to_the_id_with_a_tighter_budget(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(items=40)
    async with serving(monkeypatch, {prefixed(MENUS): MENUS}, RESPONSE_CACHE="on") as client:
        assert [await by_text(client, MENUS, slug="mensa") for _ in range(2)] == [RUNS] * 2

        await give(store, MENUS, Budget(response_bytes=1_000))
        await until_answered(client, MENUS, TOO_LARGE, slug="mensa")
        assert await by_text(client, MENUS, slug="mensa") == RUNS


@pytest.mark.parametrize("mode", ["safelist", "log-unknown"])
async def test_a_text_that_equals_a_registered_document_has_its_budget(
    store: str, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    await stock()
    async with serving(monkeypatch, {prefixed(HEAVY): HEAVY}, DOCUMENTS=mode) as client:
        await give(store, HEAVY, Budget(cost=80_000))
        await until_answered(client, HEAVY, RUNS)

        assert [await by_text(client, text) for text in (HEAVY, f"# printed otherwise\n{HEAVY}")] == [RUNS] * 2


async def test_a_text_that_clients_register_themselves_has_no_budget(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(HEAVY)}}
    async with serving(monkeypatch, {prefixed(PLACE): PLACE, prefixed(HEAVY): HEAVY}) as client:
        await give(store, HEAVY, Budget(cost=80_000))
        await until_answered(client, HEAVY, RUNS)

        registered = await client.post("/graphql", json={"extensions": extension})
        sent = await client.post("/graphql", json={"query": HEAVY, "extensions": extension})

    assert (answer_of(registered), answer_of(sent)) == (RUNS, TOO_EXPENSIVE)


def test_the_admin_shows_it(store: str) -> None:
    async def fill() -> None:
        await register(store, {prefixed(HEAVY): HEAVY})
        await give(store, HEAVY, Budget(cost=80_000))

    asyncio.run(fill())
    User.objects.all().delete()
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.create_superuser("operator"))

    shown = [
        browser.get(reverse("admin:larder_persisted_queries_document_changelist")),
        browser.get(reverse("admin:larder_persisted_queries_document_change", args=[sha256_of(HEAVY)])),
    ]

    connection.close()
    assert [(page.status_code, b"{&quot;cost&quot;: 80000}" in page.content) for page in shown] == [(200, True)] * 2
