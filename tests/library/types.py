"""What the library's frontend sees of its tables."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.scalars import JSON
from strawberry.types.lazy_type import LazyType

from loaders.choices import Choices
from loaders.connections import Connection, listed
from loaders.fields import (
    argument,
    column,
    computed,
    each_of,
    embedded,
    embedding,
    fetched,
    larder_type,
    one_of,
    resolved,
)
from loaders.nodes import GlobalId
from loaders.resolutions import Column, Computed
from tests.library import fetches, models
from tests.library.choices import Bulk, Format, LoanState, Role, Wear
from tests.library.gates import Backwards, ForMembers, ForStaff, Loud
from tests.library.scalars import BigInt

FORMATS = argument("formats", list[Format] | None, "Only books that come in one of these.")
FORMAT = argument("format", Format | None, "Only books that come in it.")
STATES = argument("states", list[LoanState] | None, "Only loans in one of these.")

WORKS: Choices = {
    "Book": (LazyType("Book", __name__), fetches.books_by_category),
    "Disc": (LazyType("Disc", __name__), fetches.discs_by_category),
}
LOANED: Choices = {
    "Book": (LazyType("Book", __name__), fetches.loaned_book_by_id),
    "Disc": (LazyType("Disc", __name__), fetches.loaned_disc_by_id),
}
EVENTS: Choices = {
    "Loan": (LazyType("Loan", __name__), fetches.loans_by_card),
    "Fine": (LazyType("Fine", __name__), fetches.fines_by_card),
}


@strawberry.interface
class Work:
    id: strawberry.ID
    title: str
    added_at: datetime
    categories: list[Category]


@larder_type(models.Category)
class Category:
    slug: strawberry.ID = column("Its name in URLs.")
    name: str = column("What it is called.")
    position: int | None = column("Its place.")
    parent: Category | None = column("The category above it.")
    children: list[Category] = column("The categories below it.")
    books: list[Book] = column("Books in it.")
    works: list[Work] = each_of(WORKS, "Everything in it, books first.", takes=[FORMAT])
    newest: list[Work] = each_of(WORKS, "Everything in it, by when it came.", order="added_at")
    shelf: Connection[Book] = listed(
        fetches.books_by_title, "Books in it.", takes=[FORMATS], key="categories__slug", parent="slug"
    )
    to_hand: Connection[Book] = listed(
        fetches.books_to_hand, "Books in it as the reader likes them.", key="categories__slug", parent="slug"
    )


@strawberry.type
class Street:
    name: str
    loud_name: str | None


@strawberry.type
class Address:
    street: Street | None
    city: str | None
    country: str | None


@larder_type(models.Publisher)
class Publisher:
    id: strawberry.ID = column("Its number.")
    name: str = column("What it is called.")
    founded_on: date | None = column("When it was founded.")
    details: JSON | None = column("Anything else.")
    address: Address | None = embedded(
        Address,
        "Where it is.",
        unless_null=["street", "city", "country"],
        street=embedding(
            Street, unless_null=["street"], name="street", loud_name=Computed(lambda text: text.upper(), ("street",))
        ),
        city="city",
        country="country",
    )
    books: list[Book] = column("Its books.")
    catalogue: Connection[Book] = listed(
        fetches.books_by_title,
        "Its books, in pages.",
        takes=[argument("starts", str | None, "First letters of the title."), FORMATS],
        key="publisher_id",
    )


@larder_type(models.Biography)
class Biography:
    text: str = column("The text.")
    pages: int | None = column("Its length.")
    author: Author = column("Who it is about.")


@larder_type(models.Author)
class Author:
    id: strawberry.ID = column("Its number.")
    name: str = column("Name.")
    born_on: date | None = column("Birthday.")
    withdrawn: bool = column("Whether the author is not listed any more.")
    age: int | None = computed(
        fetches.age, ["born_on"], "Age in years.", reads_instant=True, changes_at=fetches.age_changes_at
    )
    biography: Biography | None = column("The library's biography.")
    books: list[Book] = column("Books with a part in it.")
    authorships: list[Authorship] = column("Parts in books.")
    discs: list[Disc] = column("Discs.")
    fans: list[Reader] = column("Readers who like the author.")


@larder_type(models.Authorship)
class Authorship:
    role: Role = column("What the author did.")
    position: int = column("Place on the title page.")
    author: Author = column("Who.")
    book: Book = column("Where.")


@larder_type(models.Book)
class Book(Work):
    id: strawberry.ID = resolved(GlobalId("Book", "id"), "Global id.")
    title: str = column("Title.")
    subtitle: str | None = column("Subtitle.")
    publisher: Publisher | None = column("Publisher.")
    publisher_name: str | None = resolved(Column("publisher__name"), "Name of the publisher.")
    published_on: date | None = column("When.")
    price: Decimal | None = column("Price.")
    weight: float | None = column("Kilograms.")
    keywords: list[str] = column("Keywords.")
    formats: list[Format] | None = column("Formats.")
    extras: JSON | None = column("Anything else.")
    added_at: datetime = column("When it came.")
    categories: list[Category] = column("Categories.")
    authors: list[Author] = column("Authors, as often as they have a part.")
    authorships: list[Authorship] = column("Parts.")
    copies: list[Copy] = column("Copies.")
    bulk: Bulk | None = computed(fetches.bulk, ["weight"], "How heavy.")
    words: list[str] = computed(
        fetches.words, ["title", "subtitle"], "Words.", takes=[argument("limit", int | None, "At most so many.")]
    )
    bound_as: list[Format] | None = computed(
        fetches.bound_as, ["formats"], "Formats, each once.", takes=[argument("only", list[Format] | None, "Of these.")]
    )
    extra: JSON | None = computed(
        fetches.extra, ["extras"], "One entry of extras.", takes=[argument("key", str, "Which.")]
    )
    loud_title: str = computed(str, ["title"], "Title in capitals.", extensions=[Loud()])
    siblings: list[Book] = fetched(fetches.books_of_same_publisher, "Of the same publisher.", takes=[FORMAT])
    best_copy: Copy | None = fetched(
        fetches.best_copy_by_book_id,
        "The copy that is worn least.",
        takes=[argument("branch", str | None, "Only in this branch.")],
    )
    home_copy: Copy | None = fetched(fetches.copy_at_home_by_book_id, "The first copy in the reader's own branch.")
    torn_copy: Copy = fetched(fetches.torn_copy_by_book_id, "A torn copy, or nothing but nulls.")
    last_borrowers: list[Loan] = column("Loans, oldest first.", name="loans", extensions=[Backwards()])

    @strawberry.field
    def spine(self) -> str:
        return f"{self.title} / {self.publisher_id}"  # type: ignore[attr-defined]

    @strawberry.field
    async def blurb(self, times: int = 1) -> str:
        await asyncio.sleep(0)
        return " ".join([self.title] * times)


@larder_type(models.Disc)
class Disc(Work):
    id: strawberry.ID = resolved(GlobalId("Disc", "id"), "Global id.")
    title: str = column("Title.")
    artist: Author | None = column("Artist.")
    samples: BigInt = column("Length in samples.")
    loudness: float | None = column("Decibels.")
    added_at: datetime = column("When it came.")
    categories: list[Category] = column("Categories.")


@larder_type(models.Branch)
class Branch:
    code: strawberry.ID = column("Its code.")
    name: str = column("Name.")
    opens_at: time | None = column("From.")
    closes_at: time | None = column("To.")
    open_on_sundays: bool | None = column("Sundays.")
    copies: list[Copy] = column("Copies in it.")


@larder_type(models.Copy)
class Copy:
    shelfmark: str | None = column("Where it stands.")
    wear: Wear | None = column("How worn.")
    branch: Branch | None = column("Branch.")
    book: Book | None = column("Book.")


@larder_type(models.Reader)
class Reader:
    card: strawberry.ID = column("Card.")
    name: str = column("Name.")
    active: bool = column("Whether the card is good.")
    age: int | None = computed(
        fetches.age, ["born_on"], "Age in years.", reads_instant=True, changes_at=fetches.age_changes_at
    )
    balance: Decimal | None = column("What is owed.", permission_classes=[ForStaff])
    guarantor: Reader | None = column("Who vouches.")
    wards: list[Reader] = column("Those vouched for.")
    favourites: list[Author] = column("Authors liked.", permission_classes=[ForMembers])
    loans: list[Loan] = fetched(
        fetches.loans_by_card,
        "Loans, oldest first.",
        takes=[
            argument("since", date | None, "From this day on."),
            STATES,
            argument("returned", bool | None, "Only returned ones, or only others."),
        ],
    )
    overdue: list[Loan] = fetched(fetches.overdue_by_card, "Loans overdue.")
    history: Connection[Loan] = listed(
        fetches.loans_by_time, "Loans, newest first.", takes=[STATES], key="reader_id", parent="card"
    )
    events: list[Annotated[Loan | Fine, strawberry.union("Event")]] = each_of(
        EVENTS, "All that happened.", order="at", takes=[STATES]
    )
    ledger: list[Annotated[Loan | Fine, strawberry.union("Event")]] = each_of(EVENTS, "Loans, then fines.")


@larder_type(models.Loan)
class Loan:
    id: strawberry.ID = column("Its number.")
    reader: Reader = column("Who.")
    state: LoanState = column("State.")
    at: datetime = column("When.")
    due_on: date | None = column("Back by.")
    overdue: bool = computed(
        fetches.overdue,
        ["state", "due_on"],
        "Whether it is late.",
        reads_instant=True,
        changes_at=fetches.overdue_changes_at,
    )
    work: Work | None = one_of(LOANED, "What.")
    fine: Fine | None = column("The fine for it.")


@larder_type(models.Fine)
class Fine:
    id: strawberry.ID = column("Its number.")
    at: datetime = column("When.")
    amount: Decimal = column("How much.")
    reader: Reader = column("Who.")
    loan: Loan | None = column("What for.")
