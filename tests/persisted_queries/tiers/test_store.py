"""What PostgreSQL tells of registered documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from loaders.errors import StoreUnavailable
from persisted_queries.budgeting import set_budget
from persisted_queries.budgets import Budget
from persisted_queries.deployments import push, retire
from persisted_queries.documents import Registered, sha256_of
from persisted_queries.normalising import normal_form
from persisted_queries.store import DocumentStore
from persisted_queries.usage import merge_usage
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, STATES, apollo
from tests.persisted_queries.tiers.serving import black_hole, deploy, numbered, timed

Connection = psycopg.AsyncConnection[Any]


@pytest.fixture
async def documents(store: str) -> AsyncIterator[DocumentStore]:
    opened = DocumentStore(store)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_document_is_found_under_every_id_while_a_deployment_is_active(
    connection: Connection, documents: DocumentStore
) -> None:
    await push(connection, apollo(ITEM), "web", "0", SCHEMA)
    pending = await documents.find(sha256_of(ITEM))
    assert (pending.generation, pending.document) == (0, None)

    await deploy(connection, {"app~item": ITEM})
    await deploy(connection, {"app~item": ITEM}, client="ios")

    for document_id in ("app~item", sha256_of(ITEM), f"sha256:{sha256_of(ITEM)}"):
        found = await documents.find(document_id)
        assert found.generation == 2
        assert found.document is not None
        assert (found.document.text, found.document.clients) == (ITEM, ("ios", "web"))

    await retire(connection, "web", "1")
    await retire(connection, "ios", "1")
    gone = await documents.find("app~item")
    assert (gone.generation, gone.document) == (4, None)


async def test_standing_tells_in_one_statement_which_ids_are_registered(
    connection: Connection, documents: DocumentStore
) -> None:
    await deploy(connection, {"app~item": ITEM, "app~listed": LISTED})
    await deploy(connection, {"app~states": STATES}, version="2")

    standing = await documents.still_registered(["app~item", "app~states", "nobody's"])

    assert standing.generation == 2
    assert standing.registered == {"app~states": Registered(sha256_of(STATES), ("web",))}
    assert (await documents.still_registered([])).generation == 2


async def test_documents_are_listed_most_used_first_and_only_new_ones_if_asked(
    connection: Connection, documents: DocumentStore
) -> None:
    today = datetime.now(UTC).date()
    await deploy(connection, numbered(5))
    sha256s = {name: sha256_of(text) for name, text in numbered(5).items()}
    await merge_usage(connection, {(sha256s["app~3"], "web", today): 5, (sha256s["app~1"], "ios", today): 7})
    await merge_usage(connection, {(sha256s["app~0"], "web", today - timedelta(days=60)): 100})

    listing = await documents.registered(3)

    assert listing.generation == 1
    assert [ids for ids, _ in listing.documents][:2] == [("app~1",), ("app~3",)]
    assert len(listing.documents) == 3
    now = (await documents.still_registered([])).at
    assert (await documents.registered(9, since=now)).documents == []
    assert len((await documents.registered(9, since=now - timedelta(minutes=1))).documents) == 5


async def test_nothing_is_listed_in_an_empty_registry(documents: DocumentStore) -> None:
    listing = await documents.registered(9)

    assert (listing.generation, listing.documents) == (0, [])


async def test_documents_are_found_by_normal_form(connection: Connection, documents: DocumentStore) -> None:
    await deploy(connection, {"app~item": ITEM, "app~again": f"# again\n{ITEM}", "app~listed": LISTED})

    found = await documents.find_by_normal_form(sha256_of(normal_form(ITEM)))

    assert {document.text for document in found} == {ITEM, f"# again\n{ITEM}"}
    assert [document.sha256 for document in found] == sorted(document.sha256 for document in found)


async def test_every_reading_tells_the_budget(connection: Connection, documents: DocumentStore) -> None:
    await deploy(connection, {"app~item": ITEM, "app~listed": LISTED})
    budget = Budget(cost=80_000, tokens=4_000)
    await set_budget(connection, "app~item", budget)

    found = (await documents.find("app~item")).document
    [equal] = await documents.find_by_normal_form(sha256_of(normal_form(ITEM)))
    standing = await documents.still_registered(["app~item", "app~listed"])
    listed = {document.text: document.budget for _, document in (await documents.registered(9)).documents}

    assert found is not None
    assert (found, found.budget) == (equal, budget)
    assert standing.registered["app~item"] == Registered(sha256_of(ITEM), ("web",), budget)
    assert standing.registered["app~listed"].budget is None
    assert listed == {ITEM: budget, LISTED: None}


@pytest.mark.parametrize("held", ['"much"', "[1]", "{}", '{"cost": -1, "depth": "deep"}', '{"sweetness": 3}'])
async def test_a_budget_that_nobody_could_have_set_is_none(
    connection: Connection, documents: DocumentStore, held: str
) -> None:
    await deploy(connection, {"app~item": ITEM})
    await connection.execute("UPDATE larder_document SET budget = %s::jsonb", [held])

    found = (await documents.find("app~item")).document

    assert found is not None
    assert found.budget is None


async def test_lost_connections_are_replaced_within_the_look_up(
    connection: Connection, documents: DocumentStore
) -> None:
    await deploy(connection, {"app~item": ITEM})
    await asyncio.gather(*(documents.find("app~item") for _ in range(10)))

    killed = await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder documents'"
    )

    assert killed.rowcount == 2
    assert (await documents.find("app~item")).document is not None


async def test_a_silent_store_is_given_up_after_a_second() -> None:
    async with black_hole() as address:
        silent = DocumentStore(f"postgresql://someone@{address}/nothing?sslmode=disable", timeout_seconds=0.2)
        await silent.open()

        async def ask() -> None:
            with pytest.raises(StoreUnavailable):
                await silent.find("app~item")

        assert await timed(ask()) < 1.0
        await silent.close()


async def test_a_locked_table_is_given_up_too(connection: Connection, store: str) -> None:
    impatient = DocumentStore(store, timeout_seconds=0.2)
    await impatient.open()

    async with connection.transaction():
        await connection.execute("LOCK TABLE larder_document_alias IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable):
            await impatient.find("app~item")

    assert (await impatient.find("app~item")).document is None
    await impatient.close()
