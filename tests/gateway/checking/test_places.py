"""Lines of what is declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.models import QuerySet

from gateway.checking.findings import Place
from gateway.checking.places import assigned_place, attribute_place, class_place, function_place
from larder.graphql import declared_fetch
from loaders.relations import relation_fetch
from tests.library import fetches
from tests.library.models import Book
from tests.library.types import Disc, Work

HERE = str(Path(__file__).relative_to(Path.cwd()))
LINES = Path(__file__).read_text().splitlines()


class Outer:
    first = 1

    class Inner:
        first: int = 2

        def second(self) -> int:
            return self.first


class Later(Outer.Inner):
    third = 3


class Unnamed:
    made = type("Made", (Later,), {})


@declared_fetch(Book, key="id", many=False)
def decorated() -> QuerySet[Book]:
    return Book.objects.all()


def line(text: str) -> Place:
    return Place(HERE, next(number for number, written in enumerate(LINES, start=1) if written.startswith(text)))


@pytest.mark.parametrize(
    ("owner", "name", "text"),
    [
        (Outer, "first", "    first = 1"),
        (Outer.Inner, "first", "        first: int = 2"),
        (Later, "second", "        def second"),
        (Later, "third", "    third = 3"),
        (Unnamed.made, "third", "    third = 3"),
        (Later, "nothing", "class Later"),
    ],
)
def test_an_attribute_is_where_its_class_or_one_above_has_it(owner: type, name: str, text: str) -> None:
    assert attribute_place(owner, name) == line(text)


def test_a_class_of_a_file_has_a_line_and_others_have_none() -> None:
    assert class_place(Outer.Inner) == line("    class Inner")
    assert class_place(Unnamed.made) == line("class Later")
    assert class_place(int) is None


def test_a_field_of_a_type_is_where_the_type_or_its_interface_declares_it() -> None:
    own, inherited = attribute_place(Disc, "samples"), attribute_place(Work, "title")

    assert own is not None
    assert inherited is not None
    source = Path(own.file).read_text().splitlines()
    assert source[(own.line or 0) - 1].lstrip().startswith("samples: BigInt")
    assert source[(inherited.line or 0) - 1].lstrip().startswith("title: str")


def test_a_function_is_where_def_or_lambda_is_whatever_decorates_it() -> None:
    assert function_place(decorated.build) == line("def decorated")
    for build, text in (
        (fetches.loans_by_card.build, "def loans_by_card"),
        (fetches.book_by_id.build, "return Fetch("),
    ):
        place = function_place(build)
        assert place is not None
        assert place.file == "tests/library/fetches.py"
        assert text in Path(place.file).read_text().splitlines()[(place.line or 0) - 1]


def test_the_engines_own_functions_are_nobodys() -> None:
    assert function_place(relation_fetch(Book, "publisher").build) is None


def test_a_name_of_a_module_is_where_it_is_given() -> None:
    assert assigned_place(__name__, "LINES") == line("LINES")
    assert assigned_place(__name__, "nothing") == Place(HERE)
    assert assigned_place("nowhere", "schema") == Place("nowhere")
