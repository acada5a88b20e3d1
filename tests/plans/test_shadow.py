"""Shadow mode: what is compared, in which snapshot and at which instant, and what a difference leads to."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import strawberry
import structlog
from structlog.testing import capture_logs

from loaders.fields import argument, column, computed, larder_type, lookup
from loaders.lanes import Lanes
from plans.shadow import AT_ONCE, DIFFERENT
from tests.equality.damage import damaged
from tests.library import fetches, models
from tests.library.schema import schema as library_schema
from tests.plans.planning import all_free, eventually, planning

NUMBERS = itertools.count()


@larder_type(models.Author)
class Restless:
    name: str = column("Name.")
    number: int = computed(lambda _: next(NUMBERS), ["name"], "Another one each time, which no pure function gives.")
    told_at: str = computed(
        lambda _, *, instant: instant.isoformat(), ["name"], "The operation instant.", reads_instant=True
    )


@strawberry.type
class RestlessQuery:
    author: Restless | None = lookup(fetches.author_by_id, argument("id", strawberry.ID, "Its id."), "An author.")


RESTLESS = strawberry.Schema(query=RestlessQuery)
NAME = "query Name($id: ID!) { author(id: $id) { name } }"


@pytest.fixture(autouse=True)
def unconfigured() -> Iterator[None]:
    """Logs as structlog's defaults have them, whatever another test has set."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(("share", "compared"), [(1.0, 3), (0.0, 0)])
async def test_a_share_of_the_operations_is_compared(library: str, share: float, compared: int) -> None:
    query = '{ reader(card: "R001") { name loans { at } } books(first: 3) { totalCount nodes { title } } }'

    async with planning(library, schema=library_schema, share=share) as made:
        for _ in range(3):
            assert await made.answer(query) == await made.reference(query)
            await made.shadow.settled()

        assert (made.shadow.compared, made.shadow.different) == (compared, 0)
        assert made.engine.counters.answered == 3
        await all_free(made.plan_lanes)


async def test_variables_reach_the_resolvers_as_they_were_given(library: str) -> None:
    query = """query ($card: ID!, $since: Date, $states: [LoanState!] = [OUT], $no: Boolean = false) {
        reader(card: $card) { loans(since: $since, states: $states) { state at @skip(if: $no) } } }"""

    async with planning(library, schema=library_schema, share=1) as made:
        for variables in (
            {"card": "R001"},
            {"card": "R001", "since": "2026-02-25"},
            {"card": "R001", "since": None, "states": ["RETURNED", "OUT"], "no": True},
            {"card": "R001", "since": None, "states": None, "unknown": 1},
        ):
            assert await made.answer(query, **variables) == await made.reference(query, **variables)
            await made.shadow.settled()
        assert await made.answer(NAME, id="1") == await made.reference(NAME, id="1")
        await made.shadow.settled()

        assert (made.shadow.compared, made.shadow.different) == (5, 0)


async def test_both_read_the_same_snapshot_at_the_same_instant(library: str) -> None:
    query = "{ author(id: 1) { name toldAt } }"

    async with planning(library, schema=RESTLESS, count=1, share=1) as made, AsyncExitStack() as held:
        await held.enter_async_context(made.lanes.lane())
        answer = await made.answer(query)
        await eventually(lambda: made.shadow._tasks)
        with psycopg.connect(library, autocommit=True) as connection:
            connection.execute("UPDATE library_author SET name = 'Somebody else' WHERE id = 1")
        await held.aclose()
        await made.shadow.settled()

        assert answer is not None
        assert b"Somebody else" not in answer
        assert (made.shadow.compared, made.shadow.different) == (1, 0)
        assert b"Somebody else" in (await made.answer(query) or b"")


async def test_an_injected_instant_is_compared_too(library: str) -> None:
    instant = datetime(2030, 1, 1, tzinfo=UTC)

    async with planning(library, schema=RESTLESS, share=1) as made:
        answer = await made.engine.answer("{ author(id: 1) { toldAt } }", instant=instant)
        await made.shadow.settled()

        assert answer == b'{"data":{"author":{"toldAt":"2030-01-01T00:00:00+00:00"}}}'
        assert (made.shadow.compared, made.shadow.different) == (1, 0)


async def test_a_difference_is_logged_with_both_answers_and_disables_the_operation(library: str) -> None:
    query = "query Numbers($id: ID!) { author(id: $id) { number } }"

    async with planning(library, schema=RESTLESS, count=1, share=1) as made:
        with capture_logs() as logs:
            answer = await made.answer(query, id="1")
            await made.shadow.settled()
        again = await made.answer(query, id="1")
        await made.shadow.settled()

        assert answer is not None
        [entry] = [entry for entry in logs if entry["event"] == "plan differs from the resolvers"]
        assert entry["log_level"] == "error"
        assert (entry["operation"], entry["document"], entry["variables"]) == ("Numbers", query, {"id": "1"})
        assert entry["plan"] == answer
        assert entry["resolvers"] != answer
        assert entry["resolvers"].startswith(b'{"data":{"author":{"number":')
        assert (made.shadow.compared, made.shadow.different) == (1, 1)
        assert again is None
        assert made.engine.counters.deopts == {DIFFERENT: 1}
        assert await made.answer("{ author(id: 1) { name } }") is not None, "another operation is not concerned"
        await made.shadow.settled()
        await all_free(made.plan_lanes)


async def test_a_deopt_is_no_difference(library: str) -> None:
    damage = [
        "ALTER TABLE library_author ALTER COLUMN name DROP NOT NULL",
        "UPDATE library_author SET name = NULL WHERE id = 1",
    ]

    with damaged(library, damage):
        async with planning(library, schema=library_schema, count=1, share=1) as made:
            assert await made.answer(NAME, id="1") is None
            await made.shadow.settled()

            assert made.engine.counters.deopts == {"a null where the schema takes none": 1}
            assert (made.shadow.compared, made.shadow.different) == (0, 0)
            assert await made.answer(NAME, id="2") is not None
            await made.shadow.settled()
            assert made.shadow.compared == 1
            await all_free(made.plan_lanes)


async def test_a_comparison_that_cannot_be_made_leaves_the_request_and_the_operation_alone(library: str) -> None:
    nowhere = Lanes("postgresql://nobody@/nowhere?host=/nowhere", count=1, wait_seconds=0.1)

    async with planning(library, schema=library_schema, count=1, share=1, lanes=nowhere) as made:
        with capture_logs() as logs:
            answers = []
            for _ in range(2):
                answers.append(await made.answer(NAME, id="1"))
                await made.shadow.settled()

        assert None not in answers
        assert [entry["event"] for entry in logs] == ["shadow comparison failed"] * 2
        assert (made.shadow.compared, made.shadow.different) == (0, 0)
        assert made.engine.operation(NAME, None).disabled is None
        await all_free(made.plan_lanes)


async def test_a_store_that_fails_the_resolvers_is_no_difference(library: str) -> None:
    impatient = Lanes(library, count=1, statement_timeout_ms=100)

    async with (
        planning(library, schema=library_schema, count=1, share=1, lanes=impatient) as made,
        AsyncExitStack() as held,
        await psycopg.AsyncConnection.connect(library) as locking,
    ):
        await held.enter_async_context(made.lanes.lane())
        assert await made.answer(NAME, id="1") is not None
        # Granted when the plan's snapshot ends, before the resolvers read.
        lock = asyncio.create_task(locking.execute("LOCK TABLE library_author IN ACCESS EXCLUSIVE MODE"))
        with psycopg.connect(library, autocommit=True) as connection:
            await eventually(lambda: waits_for_a_lock(connection))
        with capture_logs() as logs:
            await held.aclose()
            await made.shadow.settled()
        await lock
        await locking.rollback()

        assert [entry["event"] for entry in logs] == ["shadow comparison failed"]
        assert (made.shadow.compared, made.shadow.different) == (0, 0)
        assert await made.answer(NAME, id="1") is not None


def waits_for_a_lock(connection: psycopg.Connection[Any]) -> bool:
    return bool(connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall())


async def test_so_many_comparisons_run_at_once_and_no_more(library: str) -> None:
    async with planning(library, schema=library_schema, count=AT_ONCE + 1, share=1) as made, AsyncExitStack() as held:
        for _ in range(made.lanes.count):
            await held.enter_async_context(made.lanes.lane())
        answers = await asyncio.gather(*(made.answer(NAME, id=str(number)) for number in range(1, 6)))
        await held.aclose()
        await made.shadow.settled()

        assert answers == [await made.reference(NAME, id=str(number)) for number in range(1, 6)]
        assert (made.shadow.compared, made.shadow.different) == (AT_ONCE, 0)
        await all_free(made.plan_lanes)


async def test_a_request_that_is_cancelled_is_compared_all_the_same(library: str) -> None:
    async with planning(library, schema=library_schema, count=1, share=1) as made:
        request = asyncio.create_task(made.answer(NAME, id="1"))
        await eventually(lambda: made.shadow._tasks)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await made.shadow.settled()

        assert made.shadow.compared == 1
        await all_free(made.plan_lanes)


async def test_data_for_strawberry_is_not_compared(library: str) -> None:
    async with planning(library, schema=library_schema, share=1) as made:
        operation = made.engine.operation(NAME, None)
        answer: Any = await made.engine.run(operation, operation.variables({"id": "1"}), None, to_bytes=False)

        assert answer.body is None
        assert answer.data["author"].keys() == {"name"}
        assert made.shadow.compared == 0
