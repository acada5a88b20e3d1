"""Lost lanes and rotten rows under load: every answer is right, or says why it is not. docs/faults.md tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from tests.acceptance.faults import CLIENTS, POISONED, QUESTIONS, SECONDS, UNAVAILABLE, every, still_planned, tell
from tests.acceptance.gateways import gateway
from tests.acceptance.load import Load

pytestmark = pytest.mark.slow

KILL_ONE = """
SELECT pg_terminate_backend(pid) FROM (
  SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%%larder%%lane' AND datname = current_database()
  ORDER BY random() LIMIT {}
) AS unlucky
"""


@pytest.mark.parametrize(
    ("fault", "at_once", "pause"), [("one lane killed", "1", 0.05), ("all lanes killed", "ALL", 0.3)]
)
async def test_killed_lanes(
    stocked_store: str, operator: psycopg.Connection, fault: str, at_once: str, pause: float
) -> None:
    kill = KILL_ONE.format(at_once).replace("%%", "%")
    async with gateway(stocked_store) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        async with load.asking():
            await every(pause, lambda: operator.execute(kill.encode()))

        tell(f"{fault} every {pause} s", load, served)
        assert load.tally.wrong == []
        assert load.tally.codes.keys() <= {UNAVAILABLE}
        assert load.tally.right > 10 * sum(load.tally.codes.values())
        assert load.report().recovery < 1
        assert await still_planned(served, questions)


@contextmanager
def division_by_zero(operator: psycopg.Connection) -> Iterator[None]:
    """The prices of one location cannot be computed: the statement fails whenever it reads one of them."""
    columns = ", ".join(
        f"(amount / CASE WHEN item_id = ANY(ARRAY({POISONED_ITEMS})) THEN 0 ELSE 1 END)::numeric(15,4) AS amount"
        if name == "amount"
        else f'"{name}"'
        for (name,) in operator.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'larder_offer'"
            " ORDER BY ordinal_position"
        )
    )
    operator.execute("ALTER TABLE larder_offer RENAME TO larder_offer_table")
    operator.execute(f"CREATE VIEW larder_offer AS SELECT {columns} FROM larder_offer_table".encode())
    try:
        yield
    finally:
        operator.execute("DROP VIEW larder_offer")
        operator.execute("ALTER TABLE larder_offer_table RENAME TO larder_offer")


POISONED_ITEMS = f"""
SELECT i.id FROM larder_item i JOIN larder_location l ON l.id = i.location_id WHERE l.slug = '{POISONED}'
"""


@contextmanager
def null_names(operator: psycopg.Connection) -> Iterator[None]:
    """The dishes of one location have lost their names, which the schema promises."""
    operator.execute("ALTER TABLE larder_item ALTER COLUMN name DROP NOT NULL")
    operator.execute(f"UPDATE larder_item SET name = NULL WHERE id IN ({POISONED_ITEMS})".encode())
    try:
        yield
    finally:
        operator.execute("UPDATE larder_item SET name = 'again' WHERE name IS NULL")
        operator.execute("ALTER TABLE larder_item ALTER COLUMN name SET NOT NULL")


@pytest.mark.parametrize("fault", [division_by_zero, null_names])
async def test_a_rotten_row_touches_nobody_else(
    stocked_store: str,
    operator: psycopg.Connection,
    fault: Callable[[psycopg.Connection], AbstractContextManager[None]],
) -> None:
    with fault(operator):
        async with gateway(stocked_store) as served:
            questions = await served.answered(QUESTIONS)
            rotten = [q for q in questions if b'"errors"' in q.expected]
            assert {q.variables["slug"] for q in rotten} == {POISONED}
            load = Load(served.client, questions, CLIENTS)
            async with load.asking():
                await asyncio.sleep(SECONDS)

            tell(fault.__name__, load, served)
            assert load.tally.wrong == []
            assert load.tally.codes == {}
            assert served.engine.counters.deopts
