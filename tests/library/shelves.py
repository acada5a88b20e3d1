"""Fills the library: the same rows for the same sizes and seed, with the values that tend to go wrong."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection

from tests.library.choices import Format, LoanState, Role, Wear
from tests.library.models import (
    Author,
    Authorship,
    Biography,
    Book,
    Branch,
    Category,
    Copy,
    Disc,
    Fine,
    Loan,
    Publisher,
    Reader,
)

OPENED = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)

TEXTS = [
    "Ångström & Söhne",
    "",
    " leading and trailing ",
    'quotes " and \\ slashes',
    "two\nlines\tand a tab",
    "snow ☃ and 🦔 beyond",
    "e\u0301 is not \u00e9",
    "</script><!-- -->",
    "\u2028 and \x7f",
]
PRICES = [
    None,
    Decimal("0E-10"),
    Decimal("-0.5000000000"),
    Decimal("1E-10"),
    Decimal("12.5000000000"),
    Decimal(100),
    Decimal(10) ** 29,
    Decimal("123456789012345678901234567890.0123456789"),
]
FLOATS = [None, 0.0, -0.0, 0.1, 1e300, -1e300, 5e-324, 1.5, 123456789.123456789, 1e16, 2.0]
DOCUMENTS: list[Any] = [
    None,
    {},
    [],
    {"key": None, "nested": {"list": [1, 2.5, "three", None, True, {"deep": []}], "": "empty"}},
    {"key": 2**53 + 1, "big": 2**63 - 1, "small": -(2**63)},
    {"key": {"z": 1, "a": 2}, "float": 12345.678e-10, "text": '☃ \u2028 \\ "'},
    [None, [None], {"key": "x"}],
    "text",
    7,
    False,
]
DAYS = [None, date.min, date.max, date(2000, 2, 29), date(1969, 12, 31), date(2026, 3, 1), date(1990, 3, 2)]
MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 12, 0, 0, 500000, tzinfo=UTC),
    OPENED,
]
TIMES = [None, time(0), time(8, 30), time(23, 59, 59, 999999)]
SAMPLES = [0, 1, -1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
KEYWORDS = [[], ["one"], ["twice", "twice", ""], ["☃", 'a "b", {c}', "null", "NULL"]]
FORMATS = [None, [], [Format.EBOOK], [Format.HARDBACK, Format.PAPERBACK, Format.HARDBACK]]


@dataclass(frozen=True, slots=True)
class Shelves:
    """How much the library has. ``categories`` is the width of a tree of three levels."""

    books: int = 40
    discs: int = 12
    authors: int = 10
    publishers: int = 4
    branches: int = 3
    readers: int = 12
    categories: int = 3
    seed: int = 1

    def identifier(self, kind: str, number: int) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self.seed}/{kind}/{number}")

    def fill(self) -> None:
        """Empty the library and fill it. Synchronous: it uses Django's ORM."""
        empty()
        dice = random.Random(self.seed)  # noqa: S311 - the same shelves every time
        categories = self.grow_categories()
        publishers = Publisher.objects.bulk_create(self.publisher(number) for number in range(self.publishers))
        authors = Author.objects.bulk_create(self.author(number) for number in range(self.authors))
        Biography.objects.bulk_create(
            Biography(author=author, text=text(number), pages=[None, 0, 2**31 - 1][number % 3])
            for number, author in enumerate(authors)
            if number % 2
        )
        branches = Branch.objects.bulk_create(self.branch(number) for number in range(self.branches))
        books = Book.objects.bulk_create(self.book(number, publishers) for number in range(self.books))
        negate_zeros(books)
        discs = Disc.objects.bulk_create(self.disc(number, authors) for number in range(self.discs))
        self.relate(dice, books, discs, authors, categories)
        self.copy(dice, books, branches)
        self.lend(dice, books, discs, authors)

    def grow_categories(self) -> list[Category]:
        grown = []
        for top in range(self.categories):
            root = Category(slug=f"c{top}", name=text(top), position=[2, None, 1, 1][top % 4])
            branches = [
                Category(slug=f"c{top}/{n}", name=f"Branch {n}", position=n // 2, parent=root) for n in range(3)
            ]
            twigs = [Category(slug=f"c{top}/{n}/ü☃", name="Twig", parent=branches[n]) for n in range(2)]
            grown += [root, *branches, *twigs]
        return Category.objects.bulk_create(grown)

    def publisher(self, number: int) -> Publisher:
        known = number % 4
        return Publisher(
            name=f"{text(number)} {number}",
            founded_on=pick(DAYS, number),
            street=None if known in (0, 1) else text(number),
            city=None if known == 0 else "Köln",
            country=None if known in (0, 2) else "DE",
            details=pick(DOCUMENTS, number),
        )

    def author(self, number: int) -> Author:
        return Author(name=f"{text(number)} {number // 2}", born_on=pick(DAYS, number + 3), withdrawn=number % 5 == 4)

    def branch(self, number: int) -> Branch:
        return Branch(
            code=f"B{number}",
            name=text(number + 1),
            opens_at=pick(TIMES, number),
            closes_at=pick(TIMES, number + 1),
            open_on_sundays=[None, True, False][number % 3],
        )

    def book(self, number: int, publishers: list[Publisher]) -> Book:
        return Book(
            id=self.identifier("book", number),
            # Every title stands twice, so that only the tie-breaker keeps an order total.
            title=f"{text(number // 2)} {number // 2:05}",
            subtitle=[None, "", text(number)][number % 3],
            publisher=None if number % 5 == 0 else pick(publishers, number),
            published_on=pick(DAYS, number),
            price=pick(PRICES, number),
            weight=pick(FLOATS, number),
            keywords=pick(KEYWORDS, number),
            formats=pick(FORMATS, number),
            extras=pick(DOCUMENTS, number),
            added_at=pick(MOMENTS, number),
            deleted_at=OPENED if number % 7 == 6 else None,
        )

    def disc(self, number: int, authors: list[Author]) -> Disc:
        return Disc(
            id=self.identifier("disc", number),
            title=f"{text(number)} {number:05}",
            artist=None if number % 4 == 0 else pick(authors, number),
            samples=pick(SAMPLES, number),
            loudness=pick(FLOATS, number + 1),
            added_at=pick(MOMENTS, number // 2),
        )

    def relate(
        self,
        dice: random.Random,
        books: list[Book],
        discs: list[Disc],
        authors: list[Author],
        categories: list[Category],
    ) -> None:
        """Authors in several parts of one book, books in several categories or none."""
        parts = [
            Authorship(book=book, author=dice.choice(authors[:-1]), role=dice.choice(Role.values), position=position)
            for book in books
            for position in range(dice.randrange(4))
        ]
        first = books[0]
        parts += [Authorship(book=first, author=authors[0], role=role, position=1) for role in Role.values]
        Authorship.objects.bulk_create(parts)
        works: list[Book | Disc] = [*books, *discs]
        for work in works:
            link: Any = work.categories.through
            key = f"{type(work).__name__.lower()}_id"
            chosen = dice.sample(categories[:-1], dice.randrange(4))
            link.objects.bulk_create(link(**{key: work.pk, "category_id": category.pk}) for category in chosen)

    def copy(self, dice: random.Random, books: list[Book], branches: list[Branch]) -> None:
        Copy.objects.bulk_create(
            Copy(
                book=book,
                branch=dice.choice([None, *branches[:-1]]),
                wear=dice.choice([None, *Wear.values]),
                shelfmark=f"{dice.randrange(3)}-{text(number)}",
            )
            for book in books
            for number in range(dice.randrange(4))
        )

    def lend(self, dice: random.Random, books: list[Book], discs: list[Disc], authors: list[Author]) -> None:
        """Loans of a book, a disc, both or nothing; a deleted book stays lent."""
        readers = [
            Reader(
                card=f"R{number:03}",
                name=text(number),
                born_on=pick(DAYS, number + 1),
                balance=[None, Decimal("0.00"), Decimal("-3.10"), Decimal("9999999999.99")][number % 4],
                active=bool(number % 3),
            )
            for number in range(self.readers)
        ]
        Reader.objects.bulk_create(readers)
        for number, reader in enumerate(readers):
            reader.guarantor = None if number % 3 == 0 else readers[number // 2]
            reader.favourites.set(dice.sample(authors, dice.randrange(4)))
        Reader.objects.bulk_update(readers, ["guarantor"])
        loans = Loan.objects.bulk_create(
            Loan(
                reader=reader,
                book=dice.choice([None, *books]),
                disc=dice.choice([None, None, *discs]),
                state=dice.choice(LoanState.values),
                at=OPENED - timedelta(hours=dice.randrange(200) // 2),
                due_on=dice.choice([None, OPENED.date() - timedelta(days=1), OPENED.date() + timedelta(days=1)]),
            )
            for reader in readers[:-1]
            for _ in range(dice.randrange(9))
        )
        Fine.objects.bulk_create(
            Fine(
                reader=dice.choice(readers[:-1]),
                loan=loan if number % 2 else None,
                at=loan.at,
                amount=Decimal(dice.randrange(1000)) / 100,
            )
            for number, loan in enumerate(loans)
            if number % 3 == 0
        )


def empty() -> None:
    """No row in any of the library's tables, and every sequence at its start."""
    tables = [model._meta.db_table for model in apps.get_app_config("library").get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def negate_zeros(books: list[Book]) -> None:
    """Give minus zeros their sign, which is lost where Django writes them as a literal."""
    ids = [book.id for book in books if str(book.weight) == "-0.0"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE library_book SET weight = '-0' WHERE id = ANY(%s)", [ids])


def pick(values: list[Any], number: int) -> Any:
    return values[number % len(values)]


def text(number: int) -> str:
    return str(pick(TEXTS, number))
