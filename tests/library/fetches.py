"""The library's declared fetches and listings, and its pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from loaders.errors import BadArgument
from loaders.facets import Facet
from loaders.fetches import Fetch, declared_fetch
from loaders.listings import declared_listing
from loaders.params import Param
from tests.library.choices import Format
from tests.library.models import Author, Book, Branch, Category, Copy, Disc, Fine, Loan, Reader

LIGHT, HEAVY = 0.2, 2.0


def by_id(model: type[Model], key: str = "id") -> Fetch:
    name = f"{model.__name__.lower()}_by_{key}"
    return Fetch(name, model, key, key, many=False, build=lambda _: model._default_manager.order_by("pk"))


book_by_id, disc_by_id, author_by_id = by_id(Book), by_id(Disc), by_id(Author)
category_by_slug, reader_by_card, branch_by_code = by_id(Category, "slug"), by_id(Reader, "card"), by_id(Branch, "code")
loaned_book_by_id = Fetch("loaned_book", Book, "book_id", "id", many=False, build=lambda _: Book.objects.all())
loaned_disc_by_id = Fetch("loaned_disc", Disc, "disc_id", "id", many=False, build=lambda _: Disc.objects.all())
reader_of_loan = Fetch("reader_of_loan", Reader, "reader_id", "card", many=False, build=lambda _: Reader.objects.all())


@declared_fetch(Category, key=None)
def top_categories() -> QuerySet[Category]:
    return Category.objects.filter(parent=None).order_by("position", "slug")


@declared_fetch(
    Loan,
    key="reader_id",
    parent="card",
    params={"since": DateField(), "states": ArrayField(TextField()), "returned": BooleanField()},
)
def loans_by_card(since: Param | None, states: Param | None, returned: Param | None) -> QuerySet[Loan]:
    loans = Loan.objects.order_by("at", "id")
    if since is not None:
        loans = loans.filter(at__date__gte=since)
    if states is not None:
        loans = loans.filter(state__any_of=states)
    if returned is not None:
        loans = loans.annotate(back=ExpressionWrapper(Q(state="returned"), BooleanField())).filter(back=returned)
    return loans


def days_after_due(_: Param) -> QuerySet[Loan, Any]:
    """When loans fall overdue: midnight (UTC) after they are due."""
    after = ExpressionWrapper(F("due_on") + Value(timedelta(days=1), DurationField()), DateTimeField())
    return Loan.objects.filter(state="out").values_list(Cast(after, DateTimeField()))


@declared_fetch(Loan, key="reader_id", parent="card", reads_instant=True, changes=days_after_due)
def overdue_by_card(instant: Param) -> QuerySet[Loan]:
    return Loan.objects.filter(state="out", due_on__lt=Cast(instant, DateField())).order_by("due_on", "id")


@declared_fetch(Fine, key="reader_id", parent="card")
def fines_by_card() -> QuerySet[Fine]:
    return Fine.objects.order_by("-amount", "id")


@declared_fetch(Book, key="publisher_id", parent="publisher_id", params={"format": TextField()})
def books_of_same_publisher(format: Param | None) -> QuerySet[Book]:  # noqa: A002 - the argument's name
    books = Book.objects.order_by(F("published_on").desc(nulls_last=True), "id")
    return books if format is None else books.filter(formats__contains=[format])


@declared_fetch(Copy, key="book_id", many=False, params={"branch": TextField()})
def best_copy_by_book_id(branch: Param | None) -> QuerySet[Copy]:
    copies = Copy.objects.order_by(F("wear").asc(nulls_last=True), "id")
    return copies if branch is None else copies.filter(branch__code=branch)


@declared_fetch(Copy, key="book_id", many=False, facets={"branch": Facet(TextField(), default="B0")})
def copy_at_home_by_book_id(branch: Param) -> QuerySet[Copy]:
    return Copy.objects.filter(branch__code=branch).order_by("shelfmark", "id")


@declared_listing(
    Book,
    order=("title",),
    params={"starts": TextField()},
    facets={"format": Facet(TextField(choices=Format.choices), default=Format.PAPERBACK)},
)
def books_to_hand(starts: Param | None, format: Param) -> QuerySet[Book]:  # noqa: A002 - the facet's name
    books = Book.objects.filter(formats__contains=[format])
    return books if starts is None else books.filter(title__startswith=starts)


@declared_fetch(Copy, key="book_id", many=False, empty_when_missing=True)
def torn_copy_by_book_id() -> QuerySet[Copy]:
    return Copy.objects.filter(wear=3).order_by("id")


@declared_fetch(Book, key="categories__slug", parent="slug", params={"format": TextField()})
def books_by_category(format: Param | None) -> QuerySet[Book]:  # noqa: A002 - the argument's name
    books = Book.objects.order_by("title", "id")
    return books if format is None else books.filter(formats__contains=[format])


@declared_fetch(Disc, key="categories__slug", parent="slug")
def discs_by_category() -> QuerySet[Disc]:
    return Disc.objects.order_by("title", "id")


def starting(text: str) -> str:
    if not text:
        raise BadArgument("a title starts with at least one character")
    return text


@declared_listing(
    Book,
    order=("title",),
    params={"starts": TextField(), "formats": ArrayField(TextField())},
    clean={"starts": starting},
)
def books_by_title(starts: Param | None, formats: Param | None) -> QuerySet[Book]:
    books = Book.objects.all()
    if starts is not None:
        books = books.filter(title__startswith=starts)
    return books if formats is None else books.filter(formats__overlap=formats)


@declared_listing(Loan, order=("-at",), params={"states": ArrayField(TextField())})
def loans_by_time(states: Param | None) -> QuerySet[Loan]:
    return Loan.objects.all() if states is None else Loan.objects.filter(state__any_of=states)


@declared_listing(Disc, order=("samples", "title"))
def discs_by_length() -> QuerySet[Disc]:
    return Disc.objects.all()


@declared_fetch(Reader, key=None)
def all_readers() -> QuerySet[Reader]:
    return Reader.objects.order_by("card")


@declared_listing(Reader, order=("name",))
def readers_by_name() -> QuerySet[Reader]:
    return Reader.objects.all()


def words(title: str, subtitle: str | None, *, limit: int | None = None) -> list[str]:
    return f"{title} {subtitle or ''}".split()[:limit]


def bulk(weight: float | None) -> str | None:
    if weight is None:
        return None
    return "light" if weight < LIGHT else "heavy" if weight > HEAVY else "handy"


def bound_as(formats: list[str] | None, *, only: list[Any] | None = None) -> list[str] | None:
    if formats is None:
        return None
    kept = formats if only is None else [name for name in formats if name in {choice.value for choice in only}]
    return sorted(set(kept))


def extra(extras: Any, *, key: str) -> Any:
    return extras.get(key) if isinstance(extras, dict) else None


def age(born_on: date | None, *, instant: datetime) -> int | None:
    if born_on is None:
        return None
    today = instant.date()
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def overdue(state: str, due_on: date | None, *, instant: datetime) -> bool:
    return state == "out" and due_on is not None and due_on < instant.date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def age_changes_at(born_on: date | None, *, instant: datetime) -> datetime | None:
    """Next midnight: a birthday or not."""
    return None if born_on is None else midnight(instant.date() + timedelta(days=1))


def overdue_changes_at(state: str, due_on: date | None, *, instant: datetime) -> datetime | None:
    if state != "out" or due_on is None or due_on < instant.date():
        return None
    return midnight(due_on + timedelta(days=1))
