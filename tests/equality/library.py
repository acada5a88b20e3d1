"""The library: the second application, with values that tend to go wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from loaders.nodes import encode_id
from tests.equality.application import Application
from tests.equality.stored import Stored
from tests.library import models
from tests.library.gates import STAFF
from tests.library.schema import schema
from tests.library.shelves import OPENED, Shelves

HAND_WRITTEN = {"Query.motto", "Book.spine", "Book.blurb"}
GUARDED = {"Reader.balance", "Reader.favourites", "Book.loudTitle", "Book.lastBorrowers"}
"""Fields with a permission or an extension."""


def fill() -> Stored:
    """Fill the shelves."""
    Shelves().fill()
    books = [encode_id("Book", key) for key in models.Book.objects.order_by("title", "id").values_list("id", flat=True)]
    discs = [encode_id("Disc", key) for key in models.Disc.objects.order_by("title", "id").values_list("id", flat=True)]
    authors = [str(key) for key in models.Author.objects.order_by("id").values_list("id", flat=True)]
    return Stored(
        {
            "Query.book.id": books,
            "Query.author.id": authors,
            "Query.category.slug": list(models.Category.objects.order_by("slug").values_list("slug", flat=True)),
            "Query.branch.code": list(models.Branch.objects.order_by("code").values_list("code", flat=True)),
            "Query.reader.card": list(models.Reader.objects.order_by("card").values_list("card", flat=True)),
            "Query.readers.cards": list(models.Reader.objects.order_by("card").values_list("card", flat=True)),
            "ID": [*books, *discs],
            "Book.bestCopy.branch": ["B0", "B1", "B2"],
            "Book.extra.key": ["key", "nested", "", "big"],
            "Book.words.limit": [0, 1, 2, -1],
            "String": ["s", "Å", 'q"', " "],
            "Date": [(OPENED - timedelta(days=days)).date().isoformat() for days in (-1, 0, 2, 4, 10)],
        }
    )


DAMAGE = (
    "ALTER TABLE library_book ALTER COLUMN title DROP NOT NULL",
    "ALTER TABLE library_loan ALTER COLUMN state DROP NOT NULL",
    "UPDATE library_book SET title = NULL WHERE id = (SELECT max(id::text)::uuid FROM library_book)",
    "UPDATE library_loan SET state = NULL WHERE id % 19 = 0",
    "UPDATE library_loan SET state = 'eaten' WHERE id % 23 = 0",
    "UPDATE library_copy SET wear = 77 WHERE id % 13 = 0",
    "UPDATE library_book SET formats = '{hardback,papyrus}' WHERE id::text LIKE '1%'",
)


VIEWERS = (STAFF, *(replace(STAFF, facets={"branch": branch, "format": "e-book"}) for branch in ("B0", "B1", "\ud800")))
"""Members of staff, at home in one branch or another."""


APPLICATION = Application(
    "library",
    schema,
    datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC),
    fill,
    DAMAGE,
    viewers=VIEWERS,
    rare=frozenset(HAND_WRITTEN | GUARDED),
    rows_per_list=9,
)
