"""Budgets of documents: what may be set, and how one is set."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from persisted_queries.budgeting import set_budget
from persisted_queries.budgets import NAMES, Budget, budget_of, held_budget
from persisted_queries.deployments import CHANNEL, push
from persisted_queries.documents import identity_of, sha256_of
from persisted_queries.inventory import document
from persisted_queries.problems import BudgetRefused, UnknownDocument
from tests.persisted_queries.pushes import ITEM, SCHEMA, mapped
from tests.persisted_queries.tiers.serving import deploy

Connection = psycopg.AsyncConnection[Any]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "a budget sets one limit at least"),
    ({"cots": 1}, "a budget has no 'cots'; it may set cost, response_bytes, text_bytes, tokens, depth, "),
    ({"given": 1}, "a budget has no 'given'"),
    ({"cost": 0}, r"cost is a whole number from 1 to 2,147,483,647 \(got 0\)"),
    ({"cost": 5, "depth": -1}, r"depth is a whole number from 1 to 200 \(got -1\)"),
    ({"depth": 201}, r"\(got 201\)"),
    ({"tokens": 20_001}, r"tokens is a whole number from 1 to 20,000 \(got 20001\)"),
    ({"cost": 2**31}, r"\(got 2147483648\)"),
    ({"tokens": 1.5}, r"\(got 1.5\)"),
    ({"tokens": "9"}, r"\(got '9'\)"),
    ({"tokens": True}, r"\(got True\)"),
    ({"tokens": None}, r"\(got None\)"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_what_is_no_budget_is_refused_with_the_value(values: dict[str, Any], message: str) -> None:
    with pytest.raises(BudgetRefused, match=f"^.*{message}"):
        budget_of(values)


def test_a_budget_may_set_every_limit() -> None:
    values = {name: number for number, name in enumerate(NAMES, start=1)}

    assert budget_of(values).given == values


def test_equal_budgets_are_one_text() -> None:
    one, other = budget_of({"depth": 20, "cost": 80_000}), budget_of({"cost": 80_000, "depth": 20})

    assert (one, one.text) == (other, '{"cost":80000,"depth":20}')
    assert identity_of("A", one) == identity_of("A", other)
    assert len({identity_of("A", None), identity_of("A", one), identity_of("A", Budget(cost=80_000))}) == 3


def test_limits_of_a_later_version_are_left_out() -> None:
    assert held_budget({"cost": 9, "sweetness": 3, "depth": 201, "tokens": 10**30}) == Budget(cost=9)


async def test_a_budget_is_set_changed_and_taken_away(connection: Connection) -> None:
    await deploy(connection, {"app~item": ITEM})
    generations = [
        await set_budget(connection, name, budget)
        for name, budget in [
            ("app~item", Budget(cost=9)),
            (sha256_of(ITEM), Budget(cost=9)),
            (f"sha256:{sha256_of(ITEM)}", Budget(depth=20)),
        ]
    ]
    shown = await document(connection, "app~item")

    assert (generations, shown.budget) == ([2, 2, 3], {"depth": 20})
    assert [await set_budget(connection, "app~item", None) for _ in range(2)] == [4, 4]
    assert (await document(connection, "app~item")).budget is None


async def test_a_change_is_notified_once(connection: Connection, store: str) -> None:
    await deploy(connection, {"app~item": ITEM})
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as listening:
        await listening.execute(f"LISTEN {CHANNEL}")
        for _ in range(2):
            await set_budget(connection, "app~item", Budget(cost=9))

        assert [notify.payload async for notify in listening.notifies(timeout=0.5)] == ["2"]


async def test_a_document_that_is_pushed_again_keeps_its_budget(connection: Connection) -> None:
    await push(connection, mapped({"app~item": ITEM}), "web", "1", SCHEMA)
    await set_budget(connection, "app~item", Budget(cost=9))

    await push(connection, mapped({"app~item": ITEM}), "web", "2", SCHEMA)

    assert (await document(connection, "app~item")).budget == {"cost": 9}


async def test_a_document_that_nobody_knows(connection: Connection) -> None:
    with pytest.raises(UnknownDocument, match="nothing: no document has this id"):
        await set_budget(connection, "nothing", Budget(cost=9))
