"""Fields of an interface or a union: one row of several tables, or the rows of each."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async

from loaders.nodes import encode_id
from tests.library import models
from tests.library.asking import asking
from tests.library.shelves import Shelves

CARDS = [f"R{number:03}" for number in range(12)]


def works_of(category: models.Category) -> tuple[list[models.Book], list[models.Disc]]:
    books = models.Book.objects.filter(categories=category).order_by("title", "id")
    discs = models.Disc.objects.filter(categories=category).order_by("title", "id")
    return list(books), list(discs)


async def test_rows_of_each_table_one_after_another_or_by_a_column(library: str) -> None:
    def shown(work: models.Book | models.Disc) -> dict[str, Any]:
        kind = type(work).__name__
        special = (
            {"price": str(work.price) if work.price is not None else None} if isinstance(work, models.Book) else {}
        )
        return {"__typename": kind, "id": encode_id(kind, work.pk), **special}

    def expected() -> dict[str, Any]:
        found = {}
        for category in models.Category.objects.all():
            books, discs = works_of(category)
            ebooks = [book for book in books if "e-book" in (book.formats or [])]
            works: list[Any] = [*books, *discs]
            light: list[Any] = [*ebooks, *discs]
            found[category.slug] = {
                "works": [*map(shown, books), *map(shown, discs)],
                "ebooks": [{"title": work.title} for work in light],
                # Python sorts stably: ties stay books first, each in its own order.
                "newest": [{"title": work.title} for work in sorted(works, key=lambda work: work.added_at)],
            }
        return found

    async with asking(library) as ask:
        data = await ask.data(
            "{ categories { ...shown children { ...shown children { ...shown } } } } "
            "fragment shown on Category { slug works { __typename id ... on Book { price } } "
            "ebooks: works(format: EBOOK) { title } newest { title } }"
        )

    found: dict[str, Any] = {}

    def collect(categories: list[dict[str, Any]]) -> None:
        for category in categories:
            collect(category.pop("children", []))
            found[category.pop("slug")] = category

    collect(data["categories"])
    assert found == await sync_to_async(expected)()
    assert any(each["works"] == [] for each in found.values())
    assert any({row["__typename"] for row in each["works"]} == {"Book", "Disc"} for each in found.values())


async def test_a_column_to_sort_by_need_not_be_selected_and_changes_the_order(library: str) -> None:
    async with asking(library) as ask:
        data = await ask.data('{ category(slug: "c0/0") { works { id addedAt } newest { id } } }')

    works, newest = data["category"]["works"], data["category"]["newest"]
    assert [work["id"] for work in newest] == [work["id"] for work in sorted(works, key=lambda work: work["addedAt"])]
    assert [work["id"] for work in newest] != [work["id"] for work in works]


async def test_the_first_row_that_exists_is_the_one(library: str) -> None:
    def expected() -> list[Any]:
        found = []
        for loan in models.Loan.objects.order_by("-at", "-id"):
            book = None if loan.book_id is None else models.Book.objects.filter(pk=loan.book_id).first()
            disc = None if loan.disc_id is None else models.Disc.objects.filter(pk=loan.disc_id).first()
            work = book or disc
            found.append(work and {"__typename": type(work).__name__, "title": work.title})
        return found

    async with asking(library) as ask:
        answered = await ask("{ loans(first: 100) { nodes { work { __typename title } } } }")

    assert not answered.errors
    works = [loan["work"] for loan in answered.data["loans"]["nodes"]]
    assert works == await sync_to_async(expected)()
    assert {work and work["__typename"] for work in works} == {None, "Book", "Disc"}
    assert answered.statements == 3, "every table is asked at once, and only once"


async def test_a_row_that_a_manager_hides_gives_way_to_the_next_choice(library: str) -> None:
    shelves = Shelves()
    deleted, disc = shelves.identifier("book", 6), shelves.identifier("disc", 0)

    def lend() -> str:
        loan = models.Loan.objects.first()
        assert loan is not None
        models.Loan.objects.filter(pk=loan.pk).update(book_id=deleted, disc_id=disc, reader_id="R011")
        return str(loan.pk)

    loan = await sync_to_async(lend)()

    async with asking(library) as ask:
        data = await ask.data('{ reader(card: "R011") { loans { id work { __typename id } } } }')

    assert data["reader"]["loans"] == [{"id": loan, "work": {"__typename": "Disc", "id": encode_id("Disc", disc)}}]


async def test_a_union_by_time_gives_arguments_only_to_the_fetch_that_takes_them(library: str) -> None:
    def expected() -> list[Any]:
        found = []
        for card in CARDS:
            loans = list(models.Loan.objects.filter(reader_id=card).order_by("at", "id"))
            fines = list(models.Fine.objects.filter(reader_id=card).order_by("-amount", "id"))
            out = [loan for loan in loans if loan.state == "out"]
            found.append(
                {
                    "events": names(sorted([*loans, *fines], key=lambda event: event.at)),
                    "out": names(sorted([*out, *fines], key=lambda event: event.at)),
                    "ledger": names([*loans, *fines]),
                }
            )
        return found

    def names(events: list[Any]) -> list[dict[str, str]]:
        return [{"__typename": type(event).__name__, "id": str(event.pk)} for event in events]

    async with asking(library) as ask:
        data = await ask.data(
            "query ($cards: [ID!]!) { readers(cards: $cards) { "
            "events { ...shown } out: events(states: [OUT]) { ...shown } ledger { ...shown } } } "
            "fragment shown on Event { __typename ... on Loan { id } ... on Fine { id } }",
            cards=CARDS,
        )

    assert data["readers"] == await sync_to_async(expected)()
    assert any(reader["events"] != reader["ledger"] for reader in data["readers"])


async def test_works_by_their_global_ids_of_either_table(library: str) -> None:
    shelves = Shelves()
    ids = [
        encode_id("Disc", shelves.identifier("disc", 1)),
        encode_id("Book", shelves.identifier("book", 1)),
        encode_id("Book", shelves.identifier("book", 6)),
        encode_id("Author", 1),
        "nobody",
        encode_id("Disc", shelves.identifier("disc", 1)),
    ]

    async with asking(library) as ask:
        answered = await ask(
            "query ($ids: [ID!]!, $id: ID!) { works(ids: $ids) { __typename id } work(id: $id) { id } }",
            ids=ids,
            id=ids[1],
        )

    disc, book = {"__typename": "Disc", "id": ids[0]}, {"__typename": "Book", "id": ids[1]}
    assert answered.data == {"works": [disc, book, None, None, None, disc], "work": {"id": ids[1]}}
    assert answered.statements == 2, "one for each table, whatever field asks"
