"""Connections, at the root and on every object: pages, cursors, totals."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from loaders.nodes import encode_id
from tests.library import models
from tests.library.asking import Asker, asking
from tests.library.shelves import Shelves

SHELVES = Shelves(books=90, publishers=3)
CATALOGUES = """
query ($first: Int, $after: String, $last: Int, $before: String, $starts: String, $formats: [Format!]) {
  books { nodes { publisher {
    id
    catalogue(first: $first, after: $after, last: $last, before: $before, starts: $starts, formats: $formats) {
      totalCount totalCountIsExact
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { id } }
    }
  } } }
}
"""


@pytest.fixture
async def publishers(database_url: str) -> str:
    """Address of the store, with the library filled as ``SHELVES`` says: some 25 books to a publisher."""
    await sync_to_async(SHELVES.fill)()
    return database_url


async def catalogues(ask: Asker, **variables: Any) -> dict[str, dict[str, Any]]:
    """The page of every publisher, by the publisher's id."""
    data = await ask.data(CATALOGUES, **variables)
    publishers = [book["publisher"] for book in data["books"]["nodes"] if book["publisher"]]
    return {publisher["id"]: publisher["catalogue"] for publisher in publishers}


def ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


@sync_to_async
def expected(**conditions: Any) -> dict[str, list[str]]:
    """Global ids of every publisher's books, by the publisher's id."""
    return {
        str(publisher.pk): [
            encode_id("Book", book.pk)
            for book in models.Book.objects.filter(publisher=publisher, **conditions).order_by("title", "id")
        ]
        for publisher in models.Publisher.objects.all()
    }


async def test_the_first_rows_of_every_parent_are_one_statement(publishers: str) -> None:
    async with asking(publishers) as ask:
        answered = await ask(CATALOGUES.replace("totalCount totalCountIsExact", ""), first=4)
        counted = await ask(CATALOGUES, first=4)

    assert answered.statements == 3, "books, publishers, their pages"
    assert counted.statements == 4
    books = await expected()
    found = {
        book["publisher"]["id"]: book["publisher"]["catalogue"]
        for book in counted.data["books"]["nodes"]
        if book["publisher"]
    }
    assert {publisher: ids(page) for publisher, page in found.items()} == {
        publisher: wanted[:4] for publisher, wanted in books.items()
    }
    assert {publisher: page["totalCount"] for publisher, page in found.items()} == {
        publisher: len(wanted) for publisher, wanted in books.items()
    }
    assert all(page["totalCountIsExact"] and page["pageInfo"]["hasNextPage"] for page in found.values())


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_pages_of_one_parent_follow_one_another_both_ways(publishers: str, size: int) -> None:
    wanted = (await expected())["1"]
    forwards: list[str] = []
    backwards: list[str] = []

    async with asking(publishers) as ask:
        after = before = None
        while True:
            page = (await catalogues(ask, first=size, after=after))["1"]
            forwards += ids(page)
            assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        while True:
            page = (await catalogues(ask, last=size, before=before))["1"]
            backwards = ids(page) + backwards
            assert page["pageInfo"]["hasNextPage"] is (before is not None)
            if not page["pageInfo"]["hasPreviousPage"]:
                break
            before = page["pageInfo"]["startCursor"]

    assert forwards == backwards == wanted


async def test_a_cursor_holds_for_every_parent(publishers: str) -> None:
    books = await expected()

    async with asking(publishers) as ask:
        first = await catalogues(ask, first=5)
        cursor = first["1"]["pageInfo"]["endCursor"]
        data = await ask.data(
            "query ($after: String) { all: books(first: 100) { edges { node { id } } } "
            "books(first: 100, after: $after) { nodes { id } } }",
            after=cursor,
        )
        after = await catalogues(ask, first=100, after=cursor)

    order = [edge["node"]["id"] for edge in data["all"]["edges"]]
    place = order.index(ids(first["1"])[-1])
    assert [node["id"] for node in data["books"]["nodes"]] == order[place + 1 :], "the root's too: it is the same list"
    for publisher, page in after.items():
        assert ids(page) == [book for book in books[publisher] if order.index(book) > place]


async def test_filters_count_for_rows_totals_and_cursors(publishers: str) -> None:
    books = await expected(formats__overlap=["e-book"])

    async with asking(publishers) as ask:
        found = await catalogues(ask, first=2, formats=["EBOOK"])
        nothing = await catalogues(ask, first=2, starts="no such title")
        cursor = found["1"]["pageInfo"]["endCursor"]
        refused = await ask(CATALOGUES, first=2, after=cursor)

    assert {publisher: (ids(page), page["totalCount"]) for publisher, page in found.items()} == {
        publisher: (wanted[:2], len(wanted)) for publisher, wanted in books.items()
    }
    assert all((ids(page), page["totalCount"]) == ([], 0) for page in nothing.values())
    assert nothing["1"]["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }
    assert set(refused.errors) == {f"{cursor[:80]!r} belongs to a list with another order or other filters"}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 101}, "first must be between 0 and 100, not 101"),
        ({"last": -1}, "last must be between 0 and 100, not -1"),
        ({"first": 1, "last": 1}, "first and last exclude each other"),
        ({"first": 1, "before": "x"}, "after goes with first, before goes with last"),
        ({"first": 1, "after": "x"}, "'x' is not a cursor"),
        ({"starts": ""}, "a title starts with at least one character"),
    ],
)
async def test_a_page_that_means_nothing_is_refused(publishers: str, variables: dict[str, Any], message: str) -> None:
    async with asking(publishers) as ask:
        answered = await ask(CATALOGUES, **variables)

    assert set(answered.errors) == {message}


async def test_a_page_of_no_rows_says_whether_there_are_any(publishers: str) -> None:
    async with asking(publishers) as ask:
        found = await catalogues(ask, first=0)

    assert all(ids(page) == [] and page["pageInfo"]["hasNextPage"] for page in found.values())


async def test_pages_of_a_descending_order_with_ties_and_a_text_key(library: str) -> None:
    @sync_to_async
    def history() -> dict[str, list[str]]:
        return {
            reader.card: [str(loan.pk) for loan in models.Loan.objects.filter(reader=reader).order_by("-at", "-id")]
            for reader in models.Reader.objects.all()
        }

    wanted = await history()
    found: dict[str, list[str]] = {card: [] for card in wanted}

    async with asking(library) as ask:
        for card in wanted:
            after, more = None, True
            while more:
                data = await ask.data(
                    "query ($card: ID!, $after: String) { reader(card: $card) { history(first: 2, after: $after) "
                    "{ nodes { id } pageInfo { endCursor hasNextPage } } } }",
                    card=card,
                    after=after,
                )
                page = data["reader"]["history"]
                found[card] += [node["id"] for node in page["nodes"]]
                after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert found == wanted
    assert max(map(len, wanted.values())) > 4


async def test_pages_through_a_many_to_many_relation(library: str) -> None:
    @sync_to_async
    def books() -> dict[str, list[str]]:
        return {
            category.slug: [
                book.title for book in models.Book.objects.filter(categories=category).order_by("title", "id")
            ]
            for category in models.Category.objects.filter(parent=None)
        }

    async with asking(library) as ask:
        answered = await ask("{ categories { slug shelf(last: 3) { totalCount nodes { title } } } }")

    assert answered.statements == 3
    wanted = await books()
    assert {row["slug"]: row["shelf"]["totalCount"] for row in answered.data["categories"]} == {
        slug: len(titles) for slug, titles in wanted.items()
    }
    assert {row["slug"]: [node["title"] for node in row["shelf"]["nodes"]] for row in answered.data["categories"]} == {
        slug: titles[-3:] for slug, titles in wanted.items()
    }


async def test_nested_pages_with_other_arguments_are_other_statements(publishers: str) -> None:
    hardbacks, ebooks = await expected(formats__overlap=["hardback"]), await expected(formats__overlap=["e-book"])

    async with asking(publishers) as ask:
        answered = await ask(
            "{ books { nodes { publisher { id one: catalogue(first: 1) { nodes { id } } "
            "same: catalogue(first: 1) { nodes { id } } two: catalogue(first: 2) { nodes { id } } "
            "hard: catalogue(first: 1, formats: [HARDBACK]) { totalCount nodes { formats } } "
            "soft: catalogue(first: 1, formats: [EBOOK]) { totalCount nodes { formats } } } } } }"
        )

    assert not answered.errors
    assert answered.statements == 8
    for book in answered.data["books"]["nodes"]:
        if book["publisher"]:
            assert book["publisher"]["one"] == book["publisher"]["same"]
            assert len(book["publisher"]["two"]["nodes"]) == 2
            assert book["publisher"]["hard"]["nodes"] == [{"formats": ["HARDBACK", "PAPERBACK", "HARDBACK"]}]
            assert book["publisher"]["soft"]["nodes"] == [{"formats": ["EBOOK"]}]
            assert book["publisher"]["hard"]["totalCount"] == len(hardbacks[book["publisher"]["id"]])
            assert book["publisher"]["soft"]["totalCount"] == len(ebooks[book["publisher"]["id"]])


async def test_a_root_order_over_several_columns_of_big_integers_and_text(library: str) -> None:
    found, after, more = [], None, True

    async with asking(library) as ask:
        while more:
            data = await ask.data(
                "query ($after: String) { discs(first: 1, after: $after) "
                "{ nodes { samples title } pageInfo { endCursor hasNextPage } } }",
                after=after,
            )
            page = data["discs"]
            found += [(node["samples"], node["title"]) for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    rows = await sync_to_async(lambda: list(models.Disc.objects.order_by("samples", "title", "id")))()
    assert found == [(str(disc.samples), disc.title) for disc in rows]
