"""What a fetch makes of its viewer's facets."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import DateField, IntegerField, QuerySet, TextField

from loaders.errors import DeclarationError
from loaders.facets import Facet
from loaders.fetches import declared_fetch
from loaders.listings import declared_listing
from loaders.viewer import ANONYMOUS, Viewer, viewer_of
from tests.library.choices import Format
from tests.library.fetches import books_to_hand, copy_at_home_by_book_id
from tests.library.models import Book


def viewer(**facets: str) -> Viewer:
    return Viewer("me", facets=facets)


def test_every_facet_has_a_value() -> None:
    assert copy_at_home_by_book_id.given({}, ANONYMOUS) == {"branch": "B0"}
    assert copy_at_home_by_book_id.given({}, viewer(branch="B1", audience="STAFF")) == {"branch": "B1"}


def test_a_facet_is_never_taken_from_an_argument() -> None:
    assert copy_at_home_by_book_id.given({"branch": "B2"}, viewer(branch="B1")) == {"branch": "B1"}


@pytest.mark.parametrize("given", ["papyrus", "E-BOOK", "", "e-book\0", "e-book "])
def test_a_value_that_the_column_does_not_know_is_the_default(given: str) -> None:
    assert books_to_hand.given({}, viewer(format=given)) == {"format": Format.PAPERBACK.value}
    assert books_to_hand.given({}, viewer(format="e-book")) == {"format": "e-book"}


@pytest.mark.parametrize(
    ("field", "default", "given", "value"),
    [
        (TextField(), "", "anything at all", "anything at all"),
        (TextField(), "", "\0", ""),
        (TextField(), "", "\ud800", ""),
        (IntegerField(), 7, "8", 8),
        (IntegerField(), 7, "eight", 7),
        (IntegerField(), 7, "9" * 5000, 7),
        (DateField(), "2026-01-01", "tomorrow", DateField().to_python("2026-01-01")),
    ],
)
def test_text_from_outside_becomes_the_columns_type(field: Any, default: Any, given: str, value: Any) -> None:
    assert Facet(field, default).value(given) == value


def test_a_default_that_the_column_does_not_know_is_refused() -> None:
    with pytest.raises(DeclarationError, match="a facet's default must be one of its field's values, not 'papyrus'"):
        Facet(TextField(choices=Format.choices), default="papyrus")


@pytest.mark.parametrize("name", ["format", "instant", "keys"])
def test_a_facet_named_as_another_parameter_is_refused(name: str) -> None:
    facets, params = {name: Facet(TextField(), default="")}, {"format": TextField()}

    with pytest.raises(DeclarationError, match=f"taken: the facet '{name}' has the name of another parameter"):

        @declared_fetch(Book, key="id", params=params, facets=facets)
        def taken(**_: Any) -> QuerySet[Book]:
            return Book.objects.all()

    with pytest.raises(DeclarationError, match=f"taken: the facet '{name}' has the name of another parameter"):

        @declared_listing(Book, order=("title",), params=params, facets=facets)
        def taken(**_: Any) -> QuerySet[Book]:
            return Book.objects.all()


def test_facets_leave_one_statement_for_each_set_of_columns() -> None:
    before = len(copy_at_home_by_book_id.statements)
    made = {
        id(copy_at_home_by_book_id.statement(("wear",), tuple(copy_at_home_by_book_id.given({}, who))))
        for who in (ANONYMOUS, viewer(branch="B1"), viewer(format="e-book"))
    }

    assert len(made) == 1
    assert len(copy_at_home_by_book_id.statements) == before + 1


def test_a_cursor_holds_for_the_same_value_of_a_facet() -> None:
    marks = [books_to_hand.fingerprint(books_to_hand.given({}, who)) for who in (ANONYMOUS, viewer(format="hardback"))]

    assert marks[0] != marks[1]
    assert marks[0] == books_to_hand.fingerprint(books_to_hand.given({}, viewer(format="papyrus", branch="B1")))


class Request:
    viewer: object = "somebody"


def test_a_viewer_of_the_applications_own_is_refused_where_a_facet_is_read() -> None:
    assert viewer_of(Request(), ()) is ANONYMOUS
    assert viewer_of(object(), ("branch",)) is ANONYMOUS
    with pytest.raises(DeclarationError, match=r"must be a loaders\.viewer\.Viewer, not 'somebody'"):
        viewer_of(Request(), ("branch",))
