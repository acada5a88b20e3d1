from __future__ import annotations

import pytest

from loaders.errors import DeclarationError
from loaders.lookups import row_by
from tests.library.models import Author, Book, Branch, Reader


def test_a_row_is_found_by_its_key_or_by_what_is_unique() -> None:
    assert (row_by(Author).name, row_by(Author).key_path) == ("author_by_id", "id")
    assert (row_by(Reader).name, row_by(Reader).key_path) == ("reader_by_card", "card")
    assert row_by(Branch, "code").many is False


def test_what_the_manager_hides_is_not_found() -> None:
    assert "deleted_at" in row_by(Book).statement(("title",)).text


def test_a_column_that_is_not_unique_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"Author\.name is not unique, so it finds no one row"):
        row_by(Author, "name")
