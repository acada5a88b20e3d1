"""Examples: made of any schema, brought by the application, never of what is hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from structlog.testing import capture_logs

from gateway.graphiql.building import brought_by
from gateway.graphiql.examples import FOLDER, examples_for
from schema.root import schema as shipped
from tests.asking import asking
from tests.library.schema import schema as library
from tests.pantry import Pantry, stocked, storefront

SHIPPED = shipped._schema
CONNECTION = """
    type Query { version: String!, shop(id: ID!, extra: Int): Shop, shops(first: Int = 20, after: String): Shops! }
    type Shops { edges: [Edge!]!, total: Int }
    type Edge { node: Shop! }
    type Shop { id: ID!, name(language: String!): String!, city: String, old: Int @deprecated, owner: Owner }
    type Owner { name: String }
"""


def made(sdl: str) -> list[tuple[str, str]]:
    """Queries in one line and their variables, all valid."""
    schema = build_schema(sdl)
    examples = examples_for(schema)
    for example in examples:
        assert validate(schema, parse(example.query)) == []
    return [(" ".join(example.query.split()), "".join(example.variables.split())) for example in examples]


def test_a_page_of_a_connection_and_one_object_by_its_key() -> None:
    assert made(CONNECTION) == [
        ("query Shops { shops(first: 10) { edges { node { id city } } } }", ""),
        ("query ShopById($id: ID!) { shop(id: $id) { id city } }", '{"id":""}'),
    ]


@pytest.mark.parametrize(
    ("sdl", "expected"),
    [
        ("type Query { a: Int }", []),
        ("type Query { names: [String!]! }", ["query Names { names }"]),
        ("type Query { all: [Item!]! } type Item { id: ID }", ["query All { all { id } }"]),
        ("type Query { all(of: ID!): [Item!]! } type Item { id: ID }", []),
        (
            "type Query { all(limit: Int): [Any] } union Any = A type A { a: Int }",
            ["query All { all(limit: 10) { __typename } }"],
        ),
        ("type Query { a(b: In!): A } input In { c: Int } type A { a: Int }", []),
        ("type Query { p: Page } type Page { items: [A] } type A { a: Int }", ["query P { p { items { a } } }"]),
    ],
)
def test_no_example_needs_what_nobody_can_guess(sdl: str, expected: list[str]) -> None:
    assert [query for query, _ in made(sdl)] == expected


@pytest.mark.parametrize("schema", [SHIPPED, library._schema])
def test_the_schemas_at_hand_give_valid_examples(schema: GraphQLSchema) -> None:
    examples = examples_for(schema)

    assert len(examples) == 2
    for example in examples:
        assert validate(schema, parse(example.query)) == []


async def test_every_example_of_the_shipped_schema_is_answered(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "corner")

    await stocked(fill)
    folder = brought_by("schema.root:schema")
    assert folder is not None

    examples = examples_for(SHIPPED, folder)

    assert len(examples) == len(list(folder.glob("*.graphql"))) >= 3
    async with asking(store) as ask:
        for example in examples:
            answered = await ask(example.query)
            assert (example.name, answered.errors) == (example.name, [])
            assert example.description.endswith(".")


def test_what_does_not_fit_is_left_out_and_warned_of(tmp_path: Path) -> None:
    files = {
        "1-good": "# Two lines,\n# one sentence.\nquery Good { locations { nodes { name } } }",
        "2-hidden": "query Hidden { secret }",
        "3-syntax": "query {",
        "4-many": "query A { __typename } query B { __typename }",
        "5-anonymous": "{ __typename }",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.graphql").write_text(text)

    with capture_logs() as logs:
        examples = examples_for(SHIPPED, tmp_path)

    assert [(example.name, example.description) for example in examples] == [("Good", "Two lines, one sentence.")]
    assert [entry["file"] for entry in logs] == [f"{name}.graphql" for name in files][1:]


def test_examples_stand_beside_the_schema() -> None:
    assert brought_by("schema.root:schema") == Path(__file__).parents[3] / "schema" / FOLDER
    assert brought_by("nowhere:schema") is None
