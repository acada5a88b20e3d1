"""What safelisting takes for the same document, and what not."""

from __future__ import annotations

import pytest
from graphql import GraphQLSyntaxError, parse, print_ast

from persisted_queries.normalising import normal_form

TEXT = """
query Q($a: ID = "1", $b: Int) { one: item(id: $a, channel: PICKUP) { ...F @include(if: true) name } items(first: $b) }
fragment F on Item { id state }
fragment G on Item { name }
"""


@pytest.mark.parametrize(
    "same",
    [
        print_ast(parse(TEXT)),
        " ".join(TEXT.split()),
        TEXT.replace("{", "{ # comment\n").replace("$a,", "$a ,,\t"),
        "\ufeff" + TEXT.replace("\n", "\r\n"),
        TEXT.strip().split("\n")[2] + TEXT.strip().split("\n")[0] + TEXT.strip().split("\n")[1],
    ],
)
def test_printing_and_the_order_of_definitions_do_not_matter(same: str) -> None:
    assert normal_form(same) == normal_form(TEXT)


def test_the_shorthand_is_the_same_query() -> None:
    assert normal_form("{ items { id } }") == normal_form("query { items { id } }")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id state", "id"),
        ("id state", "id state name"),
        ("id state", "state id"),
        ("one:", "two:"),
        ("one:", ""),
        ("id: $a, channel: PICKUP", "channel: PICKUP, id: $a"),
        ("PICKUP", "DELIVERY"),
        ("PICKUP", '"PICKUP"'),
        ("first: $b", "first: 1"),
        ("(first: $b)", ""),
        ('"1"', '"2"'),
        ('"1"', "1"),
        (' = "1"', ""),
        ("ID =", "ID! ="),
        ("if: true", "if: false"),
        ("@include", "@skip"),
        (" @include(if: true)", ""),
        ("...F", "...G"),
        ("on Item { name", "on Menu { name"),
        ("query Q", "query R"),
        ("query Q", "mutation Q"),
        ("fragment G", "query Q { items { id } } fragment G"),
        ("fragment G on Item { name }", ""),
    ],
)
def test_everything_else_matters(old: str, new: str) -> None:
    assert old in TEXT

    assert normal_form(TEXT.replace(old, new, 1)) != normal_form(TEXT)


def test_what_is_no_document_has_no_normal_form() -> None:
    with pytest.raises(GraphQLSyntaxError):
        normal_form("{ items { } }")
    with pytest.raises(GraphQLSyntaxError, match="tokens"):
        normal_form(TEXT, max_tokens=10)
