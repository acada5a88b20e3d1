"""Writers of shelves: Django's ORM in all its ways, many-to-many relations, raw SQL, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection

from tests.acceptance.truth.shelves import TITLES, Shelf, Volume
from tests.acceptance.truth.writing import Stroke, Writer
from tests.library.models import Book, Category, Copy, Fine, Reader
from tests.library.shelves import empty


def title(slug: str, at: int) -> str:
    return f"{slug} {TITLES[at]}"


class ShelfWriter(Writer):
    """Changes one category, its books and one reader."""

    def fill(self) -> None:
        """Make the rows of the first state."""
        shelf: Shelf = self.history.now
        category = Category.objects.create(slug=shelf.slug, name=shelf.name)
        Reader.objects.create(card=shelf.slug, name=shelf.reader)
        for volume in shelf.volumes:
            book = Book.objects.create(title=volume.title, subtitle=volume.subtitle, added_at=datetime.now(UTC))
            book.categories.add(category)

    def strokes(self) -> Sequence[Stroke]:
        return [
            self.save,
            self.update,
            self.bulk_update,
            self.raw_sql,
            self.add_or_remove,
            self.clear_and_set,
            self.bulk_create,
            self.delete,
            self.fine,
        ]

    def at(self, place: int) -> Book:
        return Book.objects.get(title=title(self.subject, place))

    def save(self, state: Shelf, version: int) -> Shelf:
        category = Category.objects.get(slug=self.subject)
        category.name = str(version)
        category.save()
        return replace(state, name=str(version))

    def update(self, state: Shelf, version: int) -> Shelf:
        Book.objects.filter(title__startswith=self.subject).update(subtitle=str(version))
        return replace(state, volumes=tuple(replace(one, subtitle=str(version)) for one in state.volumes))

    def bulk_update(self, state: Shelf, version: int) -> Shelf:
        books = [self.at(0), self.at(1)]
        for book in books:
            book.subtitle = str(version)
        Book.objects.bulk_update(books, ["subtitle"])
        return state.with_volume(0, subtitle=str(version)).with_volume(1, subtitle=str(version))

    def raw_sql(self, state: Shelf, version: int) -> Shelf:
        connection.cursor().execute("UPDATE library_reader SET name = %s WHERE card = %s", [str(version), self.subject])
        return replace(state, reader=str(version))

    def add_or_remove(self, state: Shelf, _: int) -> Shelf:
        place = self.luck.randrange(len(TITLES))
        book, listed = self.at(place), state.volumes[place].listed
        category = Category.objects.get(slug=self.subject)
        if listed:
            book.categories.remove(category)
        else:
            book.categories.add(category)
        return state.with_volume(place, listed=not listed)

    def clear_and_set(self, state: Shelf, _: int) -> Shelf:
        category = Category.objects.get(slug=self.subject)
        kept = self.luck.randrange(len(TITLES))
        category.books.clear()
        category.books.set([self.at(kept)])
        return replace(
            state, volumes=tuple(replace(one, listed=place == kept) for place, one in enumerate(state.volumes))
        )

    def bulk_create(self, state: Shelf, version: int) -> Shelf:
        place = self.luck.randrange(len(TITLES))
        marks = (f"{version} b", f"{version} a")
        Copy.objects.filter(book=self.at(place)).delete()
        Copy.objects.bulk_create(Copy(book=self.at(place), shelfmark=mark) for mark in marks)
        return state.with_volume(place, copies=marks)

    def delete(self, state: Shelf, _: int) -> Shelf:
        """By the collector, which follows the relation."""
        for copy in Copy.objects.filter(book__title__startswith=self.subject):
            copy.delete()
        return replace(state, volumes=tuple(replace(one, copies=()) for one in state.volumes))

    def fine(self, state: Shelf, version: int) -> Shelf:
        Fine.objects.filter(reader_id=self.subject).delete()
        Fine.objects.create(reader_id=self.subject, at=datetime.now(UTC), amount=Decimal(version))
        return replace(state, fines=(f"{version}.00",))


class FiningWriter(ShelfWriter):
    """The only one whose reader has fines."""

    def strokes(self) -> Sequence[Stroke]:
        return [*super().strokes(), self.truncate]

    def truncate(self, state: Shelf, _: int) -> Shelf:
        # What earlier strokes of the transaction left to be checked at its end.
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.cursor().execute("TRUNCATE library_fine")
        return replace(state, fines=())


class FinelessWriter(ShelfWriter):
    """Leaves the fines alone, which somebody else empties."""

    def strokes(self) -> Sequence[Stroke]:
        return [stroke for stroke in super().strokes() if stroke != self.fine]


def first(slug: str) -> Shelf:
    volumes = tuple(Volume(title(slug, place), "0", listed=True, copies=()) for place in range(len(TITLES)))
    return Shelf(slug, "0", "0", volumes, ())


def shelf_writers() -> list[Writer]:
    """Three shelves with their rows. To be called in a thread."""
    empty()
    writers: list[ShelfWriter] = [
        FinelessWriter("alder", first("alder"), 1),
        FinelessWriter("birch", first("birch"), 2),
        FiningWriter("cedar", first("cedar"), 3),
    ]
    for writer in writers:
        writer.fill()
    connection.close()
    return list(writers)
