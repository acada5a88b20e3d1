"""The engine: what it counts, what it remembers, and which operations it leaves alone for a while."""

from __future__ import annotations

import itertools
from typing import cast

import psycopg
from graphql import OperationDefinitionNode, parse

from plans.engine import reasons
from plans.operations import GIVEN_UP_AFTER, OPERATIONS, RETIRED_SECONDS, VARIANTS, Operation
from sync.models import Head
from tests.equality.damage import damaged
from tests.library.schema import schema as library_schema
from tests.pantry import Pantry, stocked, storefront
from tests.plans.planning import Planning, planning

AUTHOR = "query ($id: ID!) { author(id: $id) { name } }"
NAMELESS = (
    "ALTER TABLE library_author ALTER COLUMN name DROP NOT NULL",
    "UPDATE library_author SET name = NULL WHERE id = 1",
)
A_NULL = "a null where the schema takes none"


def author(made: Planning) -> Operation:
    return made.engine.operation(AUTHOR, None)


def defined(query: str) -> OperationDefinitionNode:
    return cast("OperationDefinitionNode", parse(query).definitions[0])


async def test_answers_are_the_resolver_paths_and_counted(library: str) -> None:
    query = '{ reader(card: "R001") { name loans { at } } branch(code: "B0") { name } }'

    async with planning(library, schema=library_schema) as made:
        assert await made.answer(query) == await made.reference(query)
        assert await made.answer("{ motto }") is None
        assert await made.answer("{ nothing }") is None
        assert await made.answer("{ author(id: 1) { name }") is None

        counters = made.engine.counters
        assert (counters.answered, counters.pipelines, counters.statements) == (1, 1, 3)
        assert counters.not_compilable == {
            "a resolver of its own": 1,
            "a document that is not valid": 1,
            "a document that does not parse": 1,
        }
        assert not counters.deopts


async def test_a_statement_without_keys_is_not_sent(library: str) -> None:
    query = '{ book(id: "nothing") { title authors { name } } author(id: 1) { name } __typename }'

    async with planning(library, schema=library_schema) as made:
        assert await made.answer(query) == await made.reference(query)
        assert made.engine.counters.statements == 1


async def test_the_operation_is_chosen_by_its_name(library: str) -> None:
    query = "query A { author(id: 1) { name } } query B { author(id: 2) { name } }"

    async with planning(library, schema=library_schema) as made:
        second = await made.engine.answer(query, None, "B")

        assert second == await made.reference("{ author(id: 2) { name } }")
        assert await made.engine.answer(query, None, "C") is None
        assert await made.engine.answer(query, None, None) is None
        assert made.engine.counters.not_compilable == {"no operation of that name, or several": 2}


async def test_an_answer_tells_its_instant_and_the_versions_that_it_depends_on(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa")

    await stocked(fill)
    query = '{ location(slug: "mensa") { name menus { name } } }'
    with psycopg.connect(store) as connection:
        kept: dict[str, int] = dict(
            connection.execute("SELECT name, sum(value)::bigint FROM larder_head GROUP BY name").fetchall()
        )
        clock = connection.execute("SELECT now()").fetchone()

    async with planning(store, heads_table=Head._meta.db_table) as made:
        found = await made.engine.execute(query)

    assert found is not None
    assert clock is not None
    assert found.instant > clock[0]
    assert found.heads == {name: kept[name] for name in ("larder_location", "larder_menu")}
    assert (found.statements, found.members) == (2, 1)


async def test_without_a_table_of_heads_none_are_read(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        found = await made.engine.execute(AUTHOR, {"id": "1"})

    assert found is not None
    assert found.heads == {}


async def test_several_deopts_in_a_row_retire_an_operation_for_a_minute(library: str) -> None:
    with damaged(library, NAMELESS):
        async with planning(library, schema=library_schema) as made:
            for _ in range(GIVEN_UP_AFTER):
                assert await made.answer(AUTHOR, id="1") is None
            sent = made.engine.counters.pipelines
            assert await made.answer(AUTHOR, id="2") is None

            assert made.engine.counters.deopts == {A_NULL: GIVEN_UP_AFTER, "retired": 1}
            assert made.engine.counters.pipelines == sent, "a retired plan sends nothing"

            author(made).retired_until -= RETIRED_SECONDS
            assert await made.answer(AUTHOR, id="2") == await made.reference(AUTHOR, id="2")


async def test_an_answer_in_between_keeps_an_operation_from_retirement(library: str) -> None:
    with damaged(library, NAMELESS):
        async with planning(library, schema=library_schema) as made:
            for _ in range(2):
                for _ in range(GIVEN_UP_AFTER - 1):
                    assert await made.answer(AUTHOR, id="1") is None
                assert await made.answer(AUTHOR, id="2") is not None


async def test_a_requests_own_mistakes_do_not_retire_the_operation(library: str) -> None:
    query = "query ($first: Int) { discs(first: $first) { totalCount } }"

    async with planning(library, schema=library_schema) as made:
        for first in [-1, "many"] * GIVEN_UP_AFTER:
            assert await made.answer(query, first=first) is None

        assert await made.answer(query, first=1) == await made.reference(query, first=1)


def test_a_retirement_lasts_a_minute_of_the_clock_that_it_is_given() -> None:
    operation = Operation(library_schema, {}, defined("{ __typename }"))

    for _ in range(GIVEN_UP_AFTER - 1):
        operation.deopted(1000.0)
    assert operation.retired_until == 0.0

    operation.deopted(1000.0)
    assert operation.retired_until == 1060.0


async def test_a_disabled_operation_is_left_alone(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        author(made).disabled = "an operator said so"

        assert await made.answer(AUTHOR, id="1") is None
        assert made.engine.counters.deopts == {"an operator said so": 1}
        assert made.engine.counters.pipelines == 0
        assert await made.answer("{ author(id: 1) { name } }") is not None, "another operation is not concerned"


async def test_the_operations_that_are_remembered_are_bounded(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        for number in range(OPERATIONS + 8):
            made.engine.operation(f"{{ a{number}: __typename }}", None)

        assert len(made.engine.operations) == OPERATIONS == 512


async def test_an_operations_variants_are_bounded() -> None:
    names = "abcdef"
    query = f"query ({', '.join(f'${name}: Boolean!' for name in names)}) {{ " + " ".join(
        f"{name}: __typename @include(if: ${name})" for name in names
    )
    operation = Operation(library_schema, {}, defined(query + " last: __typename }"))

    for flags in itertools.product([False, True], repeat=len(names)):
        operation.variant(operation.variables(dict(zip(names, flags, strict=True))))

    assert len(operation.variants) == VARIANTS == 32


async def test_the_plans_of_a_variant_are_bounded(library: str) -> None:
    given = {"since": "2026-01-01", "states": ["OUT"], "returned": True}
    fields = " ".join(
        f"l{number}: loans(since: $since{number}, states: $states{number}, returned: $returned{number}) {{ at }}"
        for number in range(2)
    )
    types = {"since": "Date", "states": "[LoanState!]", "returned": "Boolean"}
    places = [(name, number) for number in range(2) for name in types]
    variables = ", ".join(f"${name}{number}: {types[name]}" for name, number in places)
    query = f'query ({variables}) {{ reader(card: "R001") {{ {fields} }} }}'

    async with planning(library, schema=library_schema) as made:
        for flags in itertools.product([False, True], repeat=len(places)):
            chosen = {
                f"{name}{number}": given[name] for (name, number), flag in zip(places, flags, strict=True) if flag
            }
            assert await made.answer(query, **chosen) == await made.reference(query, **chosen)

        operation = made.engine.operation(query, None)
        variant = operation.variant(operation.variables({}))
        assert len(variant.plans) == VARIANTS


def test_reasons_are_told_most_frequent_first() -> None:
    assert reasons({"a": 1, "b": 3}) == "3 b, 1 a"
