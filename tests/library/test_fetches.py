"""Relations and declared fetches of the library, against Django's own model instances."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import F

from loaders.nodes import encode_id
from tests.library import models
from tests.library.asking import asking
from tests.library.choices import Role, Wear
from tests.library.reading import enum_name, iso, on_books
from tests.library.shelves import OPENED, Shelves


async def test_relations_of_a_book(library: str) -> None:
    found, expected = await on_books(
        library,
        "categories { slug position parent { slug } } authorships { role position author { name withdrawn } } "
        "authors { name biography { pages author { name } } } "
        "copies { shelfmark wear branch { code opensAt closesAt openOnSundays } } lastBorrowers { id }",
        lambda book: {
            "categories": [
                {"slug": found.slug, "position": found.position, "parent": found.parent and {"slug": found.parent.slug}}
                for found in in_order_of_links(book)
            ],
            "authorships": [
                {
                    "role": enum_name(Role, part.role),
                    "position": part.position,
                    "author": {"name": part.author.name, "withdrawn": part.author.withdrawn},
                }
                for part in book.authorships.order_by("position", "id")
            ],
            "authors": [
                {"name": part.author.name, "biography": biography(part.author)}
                for part in book.authorships.order_by("position", "author__name", "id")
                if not part.author.withdrawn
            ],
            "copies": [
                {
                    "shelfmark": copy.shelfmark,
                    "wear": enum_name(Wear, copy.wear),
                    "branch": copy.branch
                    and {
                        "code": copy.branch.code,
                        "opensAt": iso(copy.branch.opens_at),
                        "closesAt": iso(copy.branch.closes_at),
                        "openOnSundays": copy.branch.open_on_sundays,
                    },
                }
                for copy in book.copies.order_by("-shelfmark", "id")
            ],
            "lastBorrowers": [{"id": str(loan.pk)} for loan in reversed(book.loans.order_by("-at", "id"))],
        },
    )

    assert found == expected
    names = [[author["name"] for author in row["authors"]] for row in found]
    assert any(len(set(row)) < len(row) for row in names), "an author with several parts comes several times"
    assert any(not row["authors"] for row in found)
    assert any(part["author"]["withdrawn"] for row in found for part in row["authorships"])
    assert {copy["branch"] is None for row in found for copy in row["copies"]} == {True, False}


def in_order_of_links(book: models.Book) -> list[models.Category]:
    links = models.Book.categories.through.objects.filter(book=book).select_related("category")
    return [link.category for link in links.order_by("category__position", "category__name", "id")]


def biography(author: models.Author) -> Any:
    found = models.Biography.objects.filter(author=author).first()
    return found and {"pages": found.pages, "author": {"name": author.name}}


async def test_declared_fetches_with_and_without_arguments(library: str) -> None:
    def siblings(book: models.Book) -> list[models.Book]:
        if book.publisher_id is None:
            return []
        books = models.Book.objects.filter(publisher_id=book.publisher_id)
        return list(books.order_by(F("published_on").desc(nulls_last=True), "id"))

    def best(book: models.Book, branch: str | None = None) -> Any:
        copies = book.copies.order_by(F("wear").asc(nulls_last=True), "id")
        found = (copies if branch is None else copies.filter(branch_id=branch)).first()
        return found and {"wear": enum_name(Wear, found.wear)}

    def torn(book: models.Book) -> Any:
        found = book.copies.filter(wear=3).order_by("id").first()
        return {
            "shelfmark": found and found.shelfmark,
            "branch": found and found.branch_id and {"code": found.branch_id},
        }

    found, expected = await on_books(
        library,
        "siblings { title } ebooks: siblings(format: EBOOK) { title } bestCopy { wear } "
        'here: bestCopy(branch: "B0") { wear } nowhere: bestCopy(branch: "☃") { wear } '
        "tornCopy { shelfmark branch { code } }",
        lambda book: {
            "siblings": [{"title": other.title} for other in siblings(book)],
            "ebooks": [{"title": other.title} for other in siblings(book) if "e-book" in (other.formats or [])],
            "bestCopy": best(book),
            "here": best(book, "B0"),
            "nowhere": None,
            "tornCopy": torn(book),
        },
    )

    assert found == expected
    assert any(row["ebooks"] for row in found)
    assert any(row["here"] != row["bestCopy"] for row in found)
    assert {"shelfmark": None, "branch": None} in [row["tornCopy"] for row in found]


async def test_a_readers_loans_by_day_state_and_return(library: str) -> None:
    since = OPENED.date() - timedelta(days=2)

    def loans(reader: models.Reader, **conditions: Any) -> list[dict[str, Any]]:
        rows = models.Loan.objects.filter(reader=reader, **conditions).order_by("at", "id")
        return [{"id": str(row.pk)} for row in rows]

    def expected() -> list[Any]:
        return [
            {
                "loans": loans(reader),
                "since": loans(reader, at__date__gte=since),
                "some": loans(reader, state__in=["out", "lost"]),
                "none": [],
                "back": loans(reader, state="returned"),
                "kept": loans(reader, state__in=["reserved", "out", "lost"]),
                "both": loans(reader, at__date__gte=since, state__in=["out"]),
            }
            for reader in models.Reader.objects.order_by("card")
        ]

    async with asking(library) as ask:
        data = await ask.data(
            "query ($cards: [ID!]!, $since: Date, $states: [LoanState!]) { readers(cards: $cards) { loans { id } "
            "since: loans(since: $since) { id } some: loans(states: $states) { id } none: loans(states: []) { id } "
            "back: loans(returned: true) { id } kept: loans(returned: false) { id } "
            "both: loans(since: $since, states: OUT) { id } } }",
            cards=[f"R{number:03}" for number in range(12)],
            since=since.isoformat(),
            states=["OUT", "LOST"],
        )

    assert data["readers"] == await sync_to_async(expected)()
    assert sum(len(reader["both"]) for reader in data["readers"]) > 0


async def test_the_instant_decides_what_is_overdue_and_how_old_somebody_is(library: str) -> None:
    def expected(today: date) -> list[Any]:
        readers = models.Reader.objects.order_by("card")
        return [
            {
                "age": None
                if reader.born_on is None
                else today.year
                - reader.born_on.year
                - ((today.month, today.day) < (reader.born_on.month, reader.born_on.day)),
                "overdue": [
                    {"id": str(loan.pk), "overdue": True}
                    for loan in models.Loan.objects.filter(reader=reader, state="out", due_on__lt=today).order_by(
                        "due_on", "id"
                    )
                ],
            }
            for reader in readers
        ]

    async with asking(library) as ask:
        answers = []
        for days in (-1, 0, 30):
            instant = OPENED + timedelta(days=days)
            data = await ask.data(
                "query ($cards: [ID!]!) { readers(cards: $cards) { age overdue { id overdue } } }",
                cards=[f"R{number:03}" for number in range(12)],
                instant=instant,
            )
            assert data["readers"] == await sync_to_async(expected)(instant.date())
            answers.append(json.dumps(data))

    assert len(set(answers)) == 3


async def test_rows_by_keys_of_every_type(library: str) -> None:
    shelves = Shelves()
    book, gone = (encode_id("Book", shelves.identifier("book", number)) for number in (1, 6))

    async with asking(library) as ask:
        data = await ask.data(
            "query ($book: ID!, $gone: ID!) { book(id: $book) { id } gone: book(id: $gone) { id } "
            'category(slug: "c1/0/ü☃") { slug parent { slug parent { slug children { slug children { slug } } } } } '
            'reader(card: "R001") { card guarantor { card wards { card } } } author(id: "1") { id } '
            'branch(code: "B1") { code name } none: branch(code: "b1") { code } motto }',
            book=book,
            gone=gone,
        )
        refused = await ask('{ author(id: "one") { id } }')

    assert data == {
        "book": {"id": book},
        "gone": None,
        "category": {
            "slug": "c1/0/ü☃",
            "parent": {
                "slug": "c1/0",
                "parent": {
                    "slug": "c1",
                    "children": [
                        {"slug": "c1/0", "children": [{"slug": "c1/0/ü☃"}]},
                        {"slug": "c1/1", "children": [{"slug": "c1/1/ü☃"}]},
                        {"slug": "c1/2", "children": []},
                    ],
                },
            },
        },
        "reader": {"card": "R001", "guarantor": {"card": "R000", "wards": [{"card": "R001"}]}},
        "author": {"id": "1"},
        "branch": {"code": "B1", "name": " leading and trailing "},
        "none": None,
        "motto": "Quiet, please",
    }
    assert refused.errors == ["author_by_id: 'one' is not a BigAutoField key"]
