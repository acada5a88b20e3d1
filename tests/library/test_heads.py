"""Every table of the library bumps a head of its own, also those between two models."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from asgiref.sync import sync_to_async

from tests.library.models import Author, Book, Category, Reader


@pytest.mark.parametrize(
    ("write", "moved"),
    [
        (lambda: Author.objects.update(born_on=None), {"library_author"}),
        (lambda: Author.objects.filter(pk=-1).update(born_on=None), set()),
        (lambda: Book.objects.all()[0].categories.set(Category.objects.all()), {"library_book_categories"}),
        (lambda: Reader.objects.all()[0].favourites.set([]), {"library_reader_favourites"}),
    ],
)
async def test_a_write_moves_the_heads_of_its_tables(
    library: str, write: Callable[[], object], moved: set[str]
) -> None:
    def heads() -> dict[str, int]:
        with psycopg.connect(library) as connection:
            return dict(connection.execute("SELECT name, sum(value)::int FROM larder_head GROUP BY name").fetchall())

    before = heads()
    await sync_to_async(write)()

    assert {name for name, value in heads().items() if value != before.get(name)} == moved
