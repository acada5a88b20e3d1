"""What makes a plan give up: the request gets no answer of it, the reason is counted, every lane is free again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
import strawberry
from strawberry.scalars import JSON

from loaders.context import OperationContext
from loaders.fields import argument, column, computed, larder_type, lookup
from loaders.nodes import encode_id, uuid_of
from loaders.session import ReadSession
from plans.explain import explain
from tests.equality.damage import damaged
from tests.library import fetches, models
from tests.library.schema import schema as library_schema
from tests.plans.planning import all_free, planning


def broken(_: str) -> str:
    raise ValueError("a computed value")


@larder_type(models.Author)
class Fragile:
    name: str = column("Name.")
    broken: str = computed(broken, ["name"], "Raises.")
    empty: str = computed(lambda _: None, ["name"], "Nothing.")
    holes: list[str] = computed(lambda name: [name, None], ["name"], "A list with a hole.")
    scalar: list[str] = computed(lambda name: name, ["name"], "Not a list.")
    huge: int = computed(lambda _: 2**31, ["name"], "Out of range.")
    large: JSON = computed(lambda _: {"n": 2**64}, ["name"], "Beyond 64 bit.")


@larder_type(models.Disc)
class Short:
    samples: int = column("Length, if it is short.")


@strawberry.type
class FragileQuery:
    numbered: Fragile | None = lookup(fetches.author_by_id, argument("id", str, "Its number."), "An author.", read=int)
    disc: Short = lookup(
        fetches.disc_by_id, argument("id", strawberry.ID, "Its id."), "A disc that exists.", read=uuid_of("Disc")
    )
    author: Fragile = lookup(fetches.author_by_id, argument("id", strawberry.ID, "Its id."), "An author that exists.")


FRAGILE = strawberry.Schema(query=FragileQuery)
A_NULL = "a null where the schema takes none"

NULL_TITLE = (
    "ALTER TABLE library_book ALTER COLUMN title DROP NOT NULL",
    "UPDATE library_book SET title = NULL",
)
DAMAGED: list[tuple[Sequence[str], str, str]] = [
    (NULL_TITLE, "{ books { nodes { title } } }", A_NULL),
    (
        ["UPDATE library_loan SET state = 'eaten'"],
        '{ readers(cards: ["R001", "R002", "R003"]) { loans { state } } }',
        "a value that does not serialise: GraphQLError",
    ),
    (
        ["UPDATE library_copy SET wear = 77"],
        "{ books { nodes { copies { wear } } } }",
        "a value that does not serialise: GraphQLError",
    ),
]


@pytest.mark.parametrize(("damage", "query", "reason"), DAMAGED)
async def test_a_row_that_is_not_as_declared(library: str, damage: Sequence[str], query: str, reason: str) -> None:
    with damaged(library, damage):
        async with planning(library, schema=library_schema, count=1) as made:
            assert await made.answer(query) is None
            assert made.engine.counters.deopts == {reason: 1}
            assert made.engine.counters.answered == 0
            async with ReadSession(made.lanes) as session:
                result = await library_schema.execute(query, context_value=OperationContext(session))
            assert result.errors, "the resolver path reports it"
            await all_free(made.plan_lanes)


async def test_a_table_that_is_not_as_declared(library: str) -> None:
    async with planning(library, schema=library_schema, count=1) as made:
        with psycopg.connect(library, autocommit=True) as connection:
            connection.execute("ALTER TABLE library_branch RENAME COLUMN name TO title")
            try:
                assert await made.answer('{ branch(code: "B0") { name } }') is None
            finally:
                connection.execute("ALTER TABLE library_branch RENAME COLUMN title TO name")
        assert made.engine.counters.deopts == {"the store refused a statement: UndefinedColumn": 1}
        await all_free(made.plan_lanes)


async def test_a_key_that_its_reader_does_not_take(library: str) -> None:
    query = "query ($id: String!) { numbered(id: $id) { name } }"

    async with planning(library, schema=FRAGILE, count=1) as made:
        assert await made.answer(query, id="first") is None
        assert made.engine.counters.deopts == {"ValueError": 1}
        assert await made.answer(query, id=" 1 ") is not None
        explained = await explain(made.engine, made.lanes, query, {"id": "first"})

    assert (explained.by, explained.reason) == ("resolvers", "an argument that cannot be read: ValueError")


async def disc_id(samples: int) -> str:
    disc = await models.Disc.objects.filter(samples=samples).afirst()
    assert disc is not None
    return encode_id("Disc", disc.id)


async def test_a_column_beyond_the_range_of_an_int(library: str) -> None:
    long, short = await disc_id(2**31), await disc_id(2**31 - 1)
    query = "query ($id: ID!) { disc(id: $id) { samples } }"

    async with planning(library, schema=FRAGILE, count=1) as made:
        assert await made.answer(query, id=long) is None
        assert await made.answer(query, id=short) == b'{"data":{"disc":{"samples":2147483647}}}'
        await all_free(made.plan_lanes)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("broken", "a value that does not serialise: ValueError"),
        ("empty", A_NULL),
        ("holes", "a null in a list that takes none"),
        ("scalar", "a list field whose value is not a list"),
        ("huge", "a value that does not serialise: GraphQLError"),
        ("large", "a value that orjson cannot write"),
    ],
)
async def test_a_computed_value_that_the_schema_does_not_take(library: str, field: str, reason: str) -> None:
    async with planning(library, schema=FRAGILE, count=1) as made:
        assert await made.answer(f"{{ author(id: 1) {{ {field} }} }}") is None
        assert made.engine.counters.deopts == {reason: 1}
        assert await made.answer("{ author(id: 1) { name } }") is not None
        await all_free(made.plan_lanes)


CURSOR = "query ($after: String) { discs(after: $after) { totalCount } }"
PAGE = "query ($first: Int, $last: Int) { discs(first: $first, last: $last) { totalCount } }"
STARTS = "query ($starts: String) { books(starts: $starts) { totalCount } }"
REQUESTS: list[tuple[str, dict[str, Any], str]] = [
    (STARTS, {"starts": "\0"}, "the store refused a statement: DataError"),
    ('{ reader(card: "\\u0000") { name } }', {}, "the store refused a statement: DataError"),
    ("{ author(id: 99999999999999999999) { name } }", {}, "the store refused a statement: DataError"),
    ('{ author(id: "first") { name } }', {}, "BadArgument"),
    (STARTS, {"starts": ""}, "BadArgument"),
    (CURSOR, {"after": "nowhere"}, "BadCursor"),
    (PAGE, {"first": -1}, "BadArgument"),
    (PAGE, {"last": 101}, "BadArgument"),
    (PAGE, {"first": 1, "last": 1}, "BadArgument"),
    ("query ($n: Int!) { discs(first: $n) { totalCount } }", {}, "variables that do not coerce"),
    ("query ($n: Int!) { discs(first: $n) { totalCount } }", {"n": "1"}, "variables that do not coerce"),
    (
        "query ($no: Boolean = false) { discs { totalCount @skip(if: $no) nodes { title } } }",
        {"no": None},
        "@skip or @include without a value",
    ),
    (
        'query ($id: ID! = "1") { author(id: $id) { name } }',
        {"id": None},
        "variables that do not coerce",
    ),
    (
        'query ($cards: [ID!] = ["R001"]) { readers(cards: $cards) { name } }',
        {"cards": None},
        "a null argument where the schema takes none",
    ),
]


@pytest.mark.parametrize(("query", "variables", "reason"), REQUESTS)
async def test_a_request_that_the_resolver_path_has_to_report(
    library: str, query: str, variables: dict[str, Any], reason: str
) -> None:
    async with planning(library, schema=library_schema, count=1) as made:
        assert await made.answer(query, **variables) is None
        assert made.engine.counters.deopts == {reason: 1}
        assert not made.engine.counters.not_compilable
        async with ReadSession(made.lanes) as session:
            result = await library_schema.execute(
                query, variable_values=variables, context_value=OperationContext(session)
            )
        assert result.errors, "the resolver path reports it"
        await all_free(made.plan_lanes)


@pytest.mark.parametrize("arguments", ["first: -1", "last: 101", "first: 1, last: 1", 'after: "nowhere"'])
async def test_an_operation_that_can_only_fail_has_no_plan(library: str, arguments: str) -> None:
    async with planning(library, schema=library_schema, count=1) as made:
        assert await made.answer(f"{{ discs({arguments}) {{ totalCount }} }}") is None
        assert made.engine.counters.not_compilable.total() == 1
        assert made.engine.counters.pipelines == 0
