"""What operations cost: a table of documents over one schema, estimated by sizes and counted in answers."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, get_introspection_query, parse

from gateway.limits.cost_compiler import estimator_of
from gateway.limits.cost_tree import Estimator
from loaders.directives.cost import cost
from loaders.directives.list_size import list_size


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Author(Named):
    books: list[Book] = strawberry.field(directives=[list_size(5)])
    shelves: list[list[Book]] = strawberry.field(directives=[list_size(3)])


@strawberry.type(directives=[cost(4)])
class Book(Named):
    author: Author
    pages: int = strawberry.field(directives=[cost(0.5)])
    tags: list[str]
    cover: Author = strawberry.field(directives=[cost(7)])


@strawberry.type
class Page:
    nodes: list[Book]
    total: int


@strawberry.input
class Where:
    text: str | None = strawberry.field(default=None, directives=[cost(3)])
    both: list[Where] | None = None


Expensive = Annotated[str | None, strawberry.argument(directives=[cost(20)])]


@strawberry.type
class Query:
    author: Author
    anyone: Named
    everyone: list[Named]

    @strawberry.field(directives=[list_size(20, by=["first", "last"], of=["nodes"])])  # type: ignore[untyped-decorator]
    def books(self, first: int | None = None, last: int | None = None, where: Where | None = None) -> Page:
        raise NotImplementedError

    @strawberry.field(directives=[list_size(by=["ids"])])  # type: ignore[untyped-decorator]
    def by_ids(self, ids: list[strawberry.ID]) -> list[Book | None]:
        raise NotImplementedError

    @strawberry.field(directives=[list_size(by=["top"])])  # type: ignore[untyped-decorator]
    def best(self, top: int = 3) -> list[Author]:
        raise NotImplementedError

    @strawberry.field
    def search(self, text: Expensive = None) -> Author:
        raise NotImplementedError


SCHEMA = strawberry.Schema(Query, types=[Author, Book])._schema

Case = tuple[str, dict[str, Any] | None, float]
COSTS: dict[str, Case] = {
    "an object costs 1, a leaf nothing": ("{ author { name } }", None, 1),
    "__typename costs nothing": ("{ __typename author { __typename } }", None, 1),
    "a declared list": ("{ author { books { name } } }", None, 1 + 5 * 4),
    "a list whose size nothing tells": ("{ everyone { name } }", None, 10),
    "sizes multiply what is inside": ("{ author { books { author { books { name } } } } }", None, 1 + 5 * (4 + 1 + 20)),
    "the weight of a leaf": ("{ author { books { pages tags } } }", None, 1 + 5 * 4.5),
    "the weight of a field in place of its type's": ("{ author { books { cover { name } } } }", None, 1 + 5 * 11),
    "a list of lists": ("{ author { shelves { name } } }", None, 1 + 3 * 10 * 4),
    "a connection is sized by default": ("{ books { nodes { name } total } }", None, 1 + 20 * 4),
    "a connection without its rows": ("{ books(first: 90) { total } }", None, 1),
    "by an argument": ("{ books(first: 7) { nodes { name } } }", None, 1 + 7 * 4),
    "by the larger argument": ("{ books(first: 7, last: 9) { nodes { name } } }", None, 1 + 9 * 4),
    "by the larger argument, one of them a variable": (
        "query($n: Int) { books(first: $n, last: 9) { nodes { name } } }",
        {"n": 3},
        1 + 9 * 4,
    ),
    "by one variable in two ways": (
        "query($n: ID!) { best(top: $n) { name } byIds(ids: $n) { name } }",
        {"n": 7},
        7 + 4,
    ),
    "by nothing": ("{ books(first: 0) { nodes { name } } }", None, 1),
    "by null": ("{ books(first: null) { nodes { name } } }", None, 1 + 20 * 4),
    "by less than nothing": ("{ books(first: -5) { nodes { name } } }", None, 1),
    "by a variable": ("query($n: Int) { books(first: $n) { nodes { name } } }", {"n": 7}, 1 + 7 * 4),
    "by a variable that is a float": ("query($n: Int) { books(first: $n) { nodes { name } } }", {"n": 7.0}, 1 + 7 * 4),
    "by a variable of another type": ("query($n: Int) { books(first: $n) { nodes { name } } }", {"n": "7"}, 1 + 20 * 4),
    "by a variable that is not given": ("query($n: Int) { books(first: $n) { nodes { name } } }", None, 1 + 20 * 4),
    "by a variable's default": ("query($n: Int = 2) { books(first: $n) { nodes { name } } }", None, 1 + 2 * 4),
    "past a variable's default": ("query($n: Int = 2) { books(first: $n) { nodes { name } } }", {"n": 3}, 1 + 3 * 4),
    "by an argument's default": ("{ best { name } }", None, 3),
    "past an argument's default": ("query($n: Int!) { best(top: $n) { name } }", {"n": 8}, 8),
    "by an argument's default, the variable left out": ("query($n: Int) { best(top: $n) { name } }", {}, 3),
    "by the length of a list": ('{ byIds(ids: ["a", "b", "c"]) { name } }', None, 3 * 4),
    "by a single value for a list": ('{ byIds(ids: "a") { name } }', None, 4),
    "by the length of a variable": ("query($i: [ID!]!) { byIds(ids: $i) { name } }", {"i": ["a"] * 30}, 30 * 4),
    "by a variable among the elements": ("query($i: ID!) { byIds(ids: [$i, $i]) { name } }", {"i": "a"}, 2 * 4),
    "fields of one response name are one": (
        "{ author { name } author { books { name } } author { books { pages } } }",
        None,
        1 + 5 * 4.5,
    ),
    "aliases are fields of their own": ("{ a: author { name } b: author { name } }", None, 2),
    "fragments spread twice are one": (
        "{ author { ...F ...F ... on Author { ...F } } } fragment F on Author { books { name } }",
        None,
        1 + 5 * 4,
    ),
    "an interface costs what its dearest type does": (
        "{ anyone { name ... on Author { books { name } } ... on Book { author { name } pages } } }",
        None,
        1 + 5 * 4,
    ),
    "a fragment of an interface": ("{ author { ... on Named { ... on Author { books { name } } } } }", None, 1 + 5 * 4),
    "a fragment of another type": ("{ anyone { ... on Book { author { name } } } }", None, 1 + 1),
    "skipped": ("query($s: Boolean!) { author { books @skip(if: $s) { name } } }", {"s": True}, 1),
    "not skipped": ("query($s: Boolean!) { author { books @skip(if: $s) { name } } }", {"s": False}, 21),
    "included": ("query($s: Boolean!) { author { ... @include(if: $s) { books { name } } } }", {"s": True}, 21),
    "not included": ("query($s: Boolean!) { author { ... @include(if: $s) { books { name } } } }", {"s": False}, 1),
    "never included": (
        """
        { author { books @include(if: false) { name } ...F @skip(if: true) } }
        fragment F on Author { x: books { name } }
        """,
        None,
        1,
    ),
    "always included": ("{ author { books @include(if: true) { name } } }", None, 21),
    "skipped here, selected there": (
        "query($s: Boolean!) { author { books @skip(if: $s) { name } books { name } } }",
        {"s": True},
        21,
    ),
    "one of two conditions holds": (
        "query($s: Boolean!, $i: Boolean!) { author { books @skip(if: $s) { name } books @include(if: $i) { name } } }",
        {"s": True, "i": True},
        21,
    ),
    "both conditions of one field": (
        "query($s: Boolean!, $i: Boolean!) { author { books @skip(if: $s) @include(if: $i) { name } } }",
        {"s": False, "i": False},
        1,
    ),
    "an argument with a weight": ('{ search(text: "a") { name } }', None, 1 + 20),
    "an argument with a weight, not given": ("{ search { name } }", None, 1),
    "an argument with a weight, given by a variable": (
        "query($t: String) { search(text: $t) { name } }",
        {"t": ""},
        21,
    ),
    "an argument with a weight, given as null": ("query($t: String) { search(text: $t) { name } }", {"t": None}, 1),
    "an input field with a weight": ('{ books(where: {text: "a"}) { total } }', None, 1 + 3),
    "input fields within lists": (
        "query($w: Where) { books(where: $w) { total } }",
        {"w": {"both": [{"text": "a"}, {"text": "b", "both": [{"text": "c"}]}, {"text": None}]}},
        1 + 9,
    ),
    "an argument counts once for a list": (
        "query($w: Where) { books(first: 50, where: $w) { nodes { pages } } }",
        {"w": {"text": "a"}},
        1 + 3 + 50 * 4.5,
    ),
    "the schema": (get_introspection_query(), None, 1_000),
    "a type of the schema": ('{ __type(name: "Book") { fields { name } } }', None, 50),
}


def estimator(text: str) -> Estimator:
    document = parse(text)
    [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return estimator_of(SCHEMA, document, operation, assumed_size=10)


@pytest.mark.parametrize("name", COSTS)
def test_the_estimate_of(name: str) -> None:
    text, variables, expected = COSTS[name]

    assert estimator(text).estimate(variables) == expected


def test_estimates_are_remembered_by_what_they_depend_on() -> None:
    made = estimator(
        "query($n: Int, $other: String) { books(first: $n) { nodes { name } } search(text: $other) { name } }"
    )

    found = [made.estimate({"n": n, "other": other}) for n in (1, 2, 1) for other in ("a", "b", None)]

    assert found == [26, 26, 6, 30, 30, 10, 26, 26, 6]
    assert len(made._estimates) == 4


def test_types_that_repeat_under_an_interface_stay_one_tree() -> None:
    """Every level has two possible types: walked apart, this were 2^14 objects."""
    text = "name"
    for _ in range(7):
        text = f"... on Author {{ books {{ {text} }} }} ... on Book {{ author {{ {text} }} }} "
    made = estimator("{ anyone { " + text + " } }")

    assert made.estimate(None) > 0
    assert count_nodes(made.root, set()) < 100


def count_nodes(node: Any, seen: set[int]) -> int:
    if id(node) in seen:
        return 0
    seen.add(id(node))
    return 1 + sum(count_nodes(inner, seen) for nodes in node.alternatives for inner in nodes)


BOOK = {"name": "x", "pages": 3}
ACTUAL: dict[str, tuple[str, dict[str, Any] | None, Any, float]] = {
    "objects count as often as they are": (
        "{ author { books { name } } }",
        None,
        {"author": {"books": [BOOK] * 3}},
        13,
    ),
    "null costs nothing": ("{ author { books { name } } }", None, {"author": None}, 0),
    "no data at all": ("{ author { books { name } } }", None, None, 0),
    "nulls in a list": ('{ byIds(ids: ["a", "b"]) { name } }', None, {"byIds": [None, BOOK]}, 4),
    "lists of lists": ("{ author { shelves { name } } }", None, {"author": {"shelves": [[BOOK], [BOOK, BOOK]]}}, 13),
    "weights of leaves": ("{ author { books { p: pages } } }", None, {"author": {"books": [{"p": 1}, {"p": 2}]}}, 10),
    "what was skipped": (
        "query($s: Boolean!) { author { books @skip(if: $s) { name } } }",
        {"s": True},
        {"author": {}},
        1,
    ),
    "arguments once": (
        "query($w: Where) { books(where: $w) { nodes { name } } }",
        {"w": {"text": "a"}},
        {"books": {"nodes": [BOOK] * 2}},
        1 + 3 + 8,
    ),
    "the fields that an interface's object has": (
        "{ anyone { name ... on Author { books { name } } ... on Book { author { name } } } }",
        None,
        {"anyone": {"name": "x", "author": {"name": "y"}}},
        2,
    ),
}


@pytest.mark.parametrize("name", ACTUAL)
def test_the_actual_cost_of(name: str) -> None:
    text, variables, data, expected = ACTUAL[name]

    assert estimator(text).actual(data, variables) == expected


def test_an_operation_of_a_root_type_that_the_schema_lacks_has_no_cost() -> None:
    with pytest.raises(ValueError, match="no mutation type"):
        estimator("mutation { anything }")
