"""What PostgreSQL does for the pages of many parents: a page's rows for each, however long the lists are."""

from __future__ import annotations

from itertools import count
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async

from tests.library.asking import asking
from tests.library.fetches import loans_by_time
from tests.library.shelves import empty

READERS, LOANS, PAGE = 50, 400, 5

FILL = """
INSERT INTO library_reader (card, name, active) SELECT 'R' || n, 'Reader ' || n, true FROM generate_series(1, %s) AS n;
INSERT INTO library_loan (reader_id, state, at)
SELECT 'R' || n, 'out', timestamptz '2026-01-01' + m / 3 * interval '1 hour'
FROM generate_series(1, %s) AS n, generate_series(1, %s) AS m;
ANALYZE library_reader, library_loan;
"""


def fill(database_url: str, readers: int, loans: int) -> None:
    empty()
    with psycopg.connect(database_url, autocommit=True) as connection:
        numbers = iter([readers, readers, loans])
        for statement in FILL.split(";"):
            text = "".join(part + (str(next(numbers)) if more else "") for part, more in parts(statement))
            if text.strip():
                connection.execute(text)
        connection.execute("VACUUM library_loan")


def parts(statement: str) -> list[tuple[str, bool]]:
    pieces = statement.split("%s")
    return [(piece, number < len(pieces) - 1) for number, piece in enumerate(pieces)]


def explain(database_url: str, keys: list[str]) -> dict[str, Any]:
    """The generic plan, as lanes use it."""
    statement = loans_by_time.page_by_key(("state",), (), "reader_id", after=False, backward=False)
    places = count(1)
    text = "".join(part + (f"${next(places)}" if more else "") for part, more in parts(statement.text))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE page AS {text}")
        literal = "ARRAY[" + ", ".join(f"'{key}'" for key in keys) + "]"
        row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page({literal}, {PAGE + 1})").fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


async def test_every_parent_costs_its_page_not_its_list(database_url: str) -> None:
    await sync_to_async(fill)(database_url, READERS, LOANS)

    plan = await sync_to_async(explain)(database_url, [f"R{number}" for number in range(1, READERS + 1)])

    [scan] = [node for node in nodes(plan) if node.get("Relation Name") == "library_loan"]
    assert scan["Index Name"] == "library_loan_by_reader"
    assert (scan["Actual Loops"], scan["Actual Rows"]) == (READERS, PAGE + 1)


@pytest.mark.parametrize(("loans", "total", "exact"), [(10_000, 10_000, True), (10_050, 10_001, False)])
async def test_a_parents_total_is_counted_up_to_the_cap(database_url: str, loans: int, total: int, exact: bool) -> None:
    await sync_to_async(fill)(database_url, 2, loans)

    async with asking(database_url) as ask:
        answered = await ask(
            '{ readers(cards: ["R1", "R2", "R3"]) { history(first: 1) { totalCount totalCountIsExact } } }'
        )

    page = {"history": {"totalCount": total, "totalCountIsExact": exact}}
    assert answered.data == {"readers": [page, page, None]}
    assert answered.statements == 3


async def test_keys_that_stand_twice_or_are_null_count_once_or_not_at_all(database_url: str) -> None:
    await sync_to_async(fill)(database_url, 3, 5)
    page = loans_by_time.page_by_key(("state",), (), "reader_id", after=False, backward=False)
    totals = loans_by_time.count_by_key((), "reader_id")

    def rows(connection: psycopg.Connection[Any], statement: Any, limit: int) -> list[Any]:
        values = statement.arguments({"keys": ["R3", "R1", "R3", None, "R9"], "limit_": limit})
        return connection.execute(statement.text, values).fetchall()

    with psycopg.connect(database_url) as connection:
        found = await sync_to_async(rows)(connection, page, 2)
        counted = await sync_to_async(rows)(connection, totals, 4)

    assert page.columns == ("key_", "at", "id", "state")
    assert page.text.endswith(" ORDER BY keys_.key_, rows_.c0 DESC, rows_.c1 DESC")
    assert [row[0] for row in found] == ["R1", "R1", "R3", "R3"]
    assert [row[2] for row in found] == [5, 4, 15, 14], "the newest first"
    assert {key: number for key, number in counted if key} == {"R1": 4, "R3": 4, "R9": 0}
