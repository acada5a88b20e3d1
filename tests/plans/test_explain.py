"""``explain``: what it tells of an operation with a plan, and of one without."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
import pytest
import strawberry

from loaders.connections import Connection, listed
from loaders.errors import StoreUnavailable
from loaders.fetches import Fetch
from loaders.fields import argument, column, fetched, larder_type, lookup
from loaders.lanes import Lanes
from plans.explain import as_text, explain
from plans.operations import RETIRED_SECONDS
from tests.library import fetches, models
from tests.library.schema import schema as library_schema
from tests.plans.planning import Planning, planning

QUERY = """query Cards($card: ID!, $since: Date, $first: Int = 2) {
    reader(card: $card) { name loans(since: $since) { at } history(first: $first) { totalCount nodes { at } } }
}"""


async def explained(made: Planning, query: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
    return await explain(made.engine, made.lanes, query, variables, **options)


async def test_an_operation_with_a_plan(library: str) -> None:
    with psycopg.connect(library) as connection:
        [(card, loans)] = connection.execute(
            "SELECT reader_id, count(*) FROM library_loan GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
        ).fetchall()

    async with planning(library, schema=library_schema) as made:
        found = await explained(made, QUERY, {"card": card})

    assert (found.operation, found.by, found.reason, found.path) == ("Cards", "plan", None, None)
    assert found.compile_milliseconds > 0
    assert "library_loan" in found.heads
    told = [(one.path, one.fetch, one.type, one.depth, one.keyed_by, one.rows) for one in found.statements]
    assert told == [
        ("reader", "reader_by_card", "Reader", 0, "card", 1),
        ("reader.loans", "loans_by_card", "Loan", 1, "reader_id", loans),
        ("reader.history", "loans_by_time", "LoanConnection", 1, "reader_id", 3),
        ("reader.history", "loans_by_time (total)", "LoanConnection", 1, "reader_id", 1),
    ]
    assert loans > 3, "the page is shorter than the list"
    assert all(one.sql.startswith("SELECT") and one.milliseconds > 0 for one in found.statements)
    assert not any(one.warnings or one.plan for one in found.statements)


async def test_nothing_is_counted_as_answered(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        await explained(made, QUERY, {"card": "R001"})

        assert (made.engine.counters.answered, made.engine.counters.pipelines) == (0, 0)


async def test_the_sql_is_what_the_plan_sends(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await explained(made, '{ books(starts: "q") { nodes { title } } }')
        operation = made.engine.operation('{ books(starts: "q") { nodes { title } } }', None)
        variables = operation.variables({})
        variant = operation.variant(variables)
        plan = variant.plan(variant.binder.bind(variables), made.engine.opening)

    assert "%%" in plan.statements.slots[0].text, "a percent sign of its own"
    assert [one.sql for one in found.statements] == [
        statement.text.replace("%%", "%") for statement in plan.statements.slots
    ]


async def test_analyze_adds_what_postgresql_does(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await explained(made, QUERY, {"card": "R001"}, analyze=True)

    for one in found.statements:
        assert any("actual time" in line for line in one.plan)
        assert any(line.startswith("Execution Time") for line in one.plan)
        assert one.rows is not None


async def test_the_estimate_of_a_long_list_can_be_analyzed(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await explained(made, "{ discs { totalCount } }", analyze=True)

    assert [one.fetch for one in found.statements] == [
        "discs_by_length",
        "discs_by_length (total)",
        "discs_by_length (total)",
    ]


UNPLANNED: list[tuple[str, dict[str, Any], str, str, str | None]] = [
    ("query Motto { motto }", {}, "Motto", "a resolver of its own", "motto"),
    ("{ books { nodes { title spine } } }", {}, "(anonymous)", "a resolver of its own", "books.nodes[].spine"),
    ("{ books", {}, "", "a document that does not parse", None),
    (QUERY, {}, "Cards", "variables that do not coerce (no value for $card)", None),
    (QUERY, {"card": "R001", "first": "x"}, "Cards", "variables that do not coerce", None),
    (QUERY, {"card": "R001", "first": 101}, "Cards", "first must be between 0 and 100, not 101", None),
]


@pytest.mark.parametrize(("query", "variables", "operation", "reason", "path"), UNPLANNED)
async def test_an_operation_without_a_plan(
    library: str, query: str, variables: dict[str, Any], operation: str, reason: str, path: str | None
) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await explained(made, query, variables)

    assert (found.operation, found.by, found.reason, found.path) == (operation, "resolvers", reason, path)
    assert not found.statements


async def test_the_operation_is_chosen_by_its_name(library: str) -> None:
    query = "query A { author(id: 1) { name } } query B { category(slug: null) { name } } query C { motto }"

    async with planning(library, schema=library_schema) as made:
        found = await explained(made, query.replace("null", '"c0"'), operation_name="B")

    assert (found.operation, [one.path for one in found.statements]) == ("B", ["category"])


async def test_an_operation_that_has_left_the_plans(library: str) -> None:
    query = "{ author(id: 1) { name } }"

    async with planning(library, schema=library_schema) as made:
        operation = made.engine.operation(query, None)
        operation.disabled = "its answer differed from the resolvers'"
        disabled = await explained(made, query)
        operation.disabled = None
        for _ in range(8):
            operation.deopted(asyncio.get_running_loop().time())
        retired = await explained(made, query)
        operation.retired_until -= RETIRED_SECONDS
        back = await explained(made, query)

    assert (disabled.by, disabled.reason) == ("resolvers", "its answer differed from the resolvers'")
    assert (retired.by, retired.reason) == ("resolvers", "retired")
    assert back.by == "plan"


async def test_a_store_that_does_not_answer(library: str) -> None:
    nowhere = Lanes("postgresql://nobody@/nowhere?host=/nowhere", count=1, wait_seconds=0.1)

    async with planning(library, schema=library_schema, lanes=nowhere) as made:
        with pytest.raises(StoreUnavailable):
            await explained(made, "{ author(id: 1) { name } }")


def readers_by_card(_: object) -> Any:
    return models.Reader.objects.order_by("card")


@larder_type(models.Loan)
class Loan:
    id: strawberry.ID = column("Its number.")


@larder_type(models.Reader)
class Reader:
    card: strawberry.ID = column("Card.")
    loans: list[Loan] = column("Loans.")


@larder_type(models.Branch)
class Branch:
    name: str = column("Name.")
    readers: list[Reader] = fetched(
        Fetch("readers_of_that_name", models.Reader, "name", "name", many=True, build=readers_by_card),
        "Readers who are called as the branch.",
    )
    named: Connection[Reader] = listed(fetches.readers_by_name, "The same in pages.", key="name", parent="name")


@strawberry.type
class UnindexedQuery:
    branch: Branch | None = lookup(fetches.branch_by_code, argument("code", str, "Its code."), "A branch.")


async def test_a_fetch_whose_key_leads_no_index_is_warned_of(library: str) -> None:
    schema = strawberry.Schema(query=UnindexedQuery)
    query = '{ branch(code: "B0") { readers { card loans { id } } named { nodes { card } } } }'

    async with planning(library, schema=schema) as made:
        found = await explained(made, query)

    warning = "no index of library_reader begins with its key name: every fetch reads the whole table"
    assert {one.path: one.warnings for one in found.statements} == {
        "branch": [],
        "branch.readers": [warning],
        "branch.readers[].loans": [],
        "branch.named": [warning],
    }
    assert f"warning: {warning}" in as_text(found)


async def test_an_index_that_has_the_key_in_second_place_does_not_count(library: str) -> None:
    schema = strawberry.Schema(query=UnindexedQuery)
    query = '{ branch(code: "B0") { readers { card } } }'

    with psycopg.connect(library, autocommit=True) as connection:
        async with planning(library, schema=schema) as made:
            for columns, warned in (("active, name", True), ("name, active", False)):
                connection.execute(f"CREATE INDEX library_reader_test ON library_reader ({columns})".encode())
                try:
                    found = await explained(made, query)
                finally:
                    connection.execute("DROP INDEX library_reader_test")
                assert bool(found.statements[1].warnings) is warned


async def test_as_text(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await explained(made, QUERY, {"card": "R001"}, analyze=True)
        text, short = as_text(found), as_text(found, sql=False)
        refused = as_text(await explained(made, "query Motto { motto }"))
        unread = as_text(await explained(made, "{"))

    lines = text.splitlines()
    assert lines[0] == "operation Cards: plan"
    assert lines[1].startswith("  compiled in ")
    assert lines[1].endswith("depends on " + ", ".join(found.heads))
    assert lines[2].startswith("  reader -> reader_by_card by card (Reader): 1 rows, ")
    assert lines[3] == "    " + found.statements[0].sql
    assert lines[4] == "    | " + found.statements[0].plan[0]
    assert any(line.startswith("    reader.loans -> loans_by_card by reader_id (Loan): ") for line in lines)
    assert "SELECT" not in "".join(line for line in short.splitlines() if "|" not in line)
    assert refused == "operation Motto: resolvers\n  not compiled: motto: a resolver of its own"
    assert unread == "operation (unknown): resolvers\n  not compiled: a document that does not parse"


async def test_payload(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        payload = (await explained(made, QUERY, {"card": "R001"})).payload()
        refused = (await explained(made, "query Motto { motto }")).payload()

    assert json.loads(json.dumps(payload))
    assert payload.keys() == {"operation", "by", "reason", "path", "heads", "compileMilliseconds", "statements"}
    assert payload["statements"][1].keys() == {
        "path",
        "fetch",
        "type",
        "depth",
        "keyedBy",
        "sql",
        "rows",
        "milliseconds",
        "warnings",
        "plan",
    }
    assert (refused["by"], refused["reason"], refused["path"]) == ("resolvers", "a resolver of its own", "motto")
