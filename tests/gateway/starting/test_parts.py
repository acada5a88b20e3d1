"""The parts of what is written: names, enums, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import models
from graphql import build_schema

from gateway.errors import GatewayError
from gateway.starting.choices import members
from gateway.starting.code import called
from gateway.starting.project import apps_in, first_document, write
from gateway.starting.typed import keyset_order
from gateway.starting.words import sentence, snake
from tests.library.models import Author, Category, Copy, Loan


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Book", "book"), ("OrderLine", "order_line"), ("HTTPLog", "http_log"), ("A4Page", "a4_page")],
)
def test_names(name: str, expected: str) -> None:
    assert snake(name) == expected


def test_sentences() -> None:
    assert sentence("born in\n  1775") == "Born in 1775."
    assert sentence("Really?") == "Really?"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (
            [("100g", "a"), ("true", "yes"), ("in stock", "c")],
            [("N100G", "100g"), ("YES", "true"), ("IN_STOCK", "in stock")],
        ),
        ([(1, "Low"), (2, "Very high")], [("LOW", 1), ("VERY_HIGH", 2)]),
        ([("a-b", "x"), ("a_b", "y")], []),
        ([("é", "é")], []),
        ([("group", [("a", "A"), ("b", "B")])], [("A", "a"), ("B", "b")]),
    ],
)
def test_choices_become_names(choices: list[tuple[object, object]], expected: list[tuple[str, object]]) -> None:
    field = (
        models.TextField(choices=choices) if isinstance(choices[0][0], str) else models.IntegerField(choices=choices)
    )

    assert [(member.name, member.value) for member in members(field)] == expected


def test_a_text_that_may_be_blank_has_a_name_for_it() -> None:
    field = models.TextField(choices=[("a", "A")], blank=True)

    assert [(member.name, member.value) for member in members(field)] == [("A", "a"), ("BLANK", "")]


def test_lists_page_by_columns_that_are_never_null_and_go_one_way() -> None:
    assert keyset_order(Author) == ("name",)
    assert keyset_order(Copy) == ("-shelfmark",)
    assert keyset_order(Loan) == ("-at",)
    assert keyset_order(Category) == ()


def test_calls_are_split_where_a_line_would_be_too_long() -> None:
    assert called("f(", ["1", "2"]) == "f(1, 2)"
    assert called("f(", ["x" * 50, "y" * 50]) == f"f(\n    {'x' * 50},\n    {'y' * 50},\n)"


def test_apps_are_folders_with_models(tmp_path: Path) -> None:
    for name in ("shop/models.py", "shop/__init__.py", "stock/models/__init__.py", "stock/__init__.py", "no/models.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert apps_in(tmp_path) == ["shop", "stock"]


def test_nothing_is_written_where_one_file_exists(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")

    with pytest.raises(GatewayError, match=r"b exists already: nothing was written"):
        write(tmp_path, {"a": "1", "b": "2"})

    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_text() == "mine"


def test_the_first_document_asks_for_what_rows_have_themselves() -> None:
    schema = build_schema(
        "type Query { one: Row rows(first: Int): Rows } type Rows { nodes: [Row!]! }"
        " type Row { id: ID! tags: [String!] other: Row short(to: Int): String }"
    )

    name, text = first_document(schema)

    assert name == "rows"
    assert text.split() == ["query", "Rows", "{", "rows(first:", "10)", "{", "nodes", "{", "id", "tags", "}", "}", "}"]
