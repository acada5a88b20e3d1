"""Permissions, extensions and filters of the user's own on fields that resolve through fetches."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
import strawberry_django
from django.db.models import QuerySet

from loaders.connections import Connection, listed
from loaders.fetching import FetchAll
from loaders.fields import argument, column, larder_type, lookup, one_of, resolved
from loaders.viewer import Viewer
from tests.library import fetches, models
from tests.library.asking import asking
from tests.library.gates import STAFF

HIDING = "is not called by fetches, which would show the rows that it hides: declare a fetch with that rule"


async def test_a_permission_denies_a_column_and_a_fetch(library: str) -> None:
    async with asking(library) as ask:
        column_denied = await ask('{ reader(card: "R001") { name balance } }')
        fetch_denied = await ask('{ reader(card: "R001") { favourites { name } } }')

    assert column_denied.data == {"reader": {"name": "", "balance": None}}
    assert column_denied.errors == ["only the library's staff may see this"]
    assert fetch_denied.data == {"reader": None}
    assert fetch_denied.errors == ["only members may see this"]
    assert fetch_denied.statements == 1, "what nobody may see is not loaded"


async def test_a_permission_lets_pass_whom_it_knows(library: str) -> None:
    async with asking(library, viewer=Viewer("member")) as ask:
        member = await ask('{ readers(cards: ["R001", "R002"]) { favourites { name } balance } }')
    async with asking(library, viewer=STAFF) as ask:
        staff = await ask('{ reader(card: "R002") { balance favourites { name } } }')

    assert set(member.errors) == {"only the library's staff may see this"}
    assert member.statements == 2
    assert not staff.errors
    assert staff.data["reader"]["balance"] == "-3.10"


async def test_an_extension_changes_a_value_and_what_a_fetch_gives_later(library: str) -> None:
    async with asking(library) as ask:
        answered = await ask("{ books(first: 100) { nodes { title loudTitle lastBorrowers { at } } } }")

    assert not answered.errors
    books = answered.data["books"]["nodes"]
    assert all(book["loudTitle"] == book["title"].upper() for book in books)
    assert all(book["lastBorrowers"] == sorted(book["lastBorrowers"], key=lambda loan: loan["at"]) for book in books)
    assert any(len(book["lastBorrowers"]) > 1 for book in books)
    assert answered.statements == 2


@strawberry.interface
class Named:
    name: str


@larder_type(models.Reader)
class GuardedReader(Named):
    name: str = column("Name.")

    @classmethod
    def get_queryset(cls, queryset: QuerySet[models.Reader], info: Any, **_: Any) -> QuerySet[models.Reader]:
        return queryset.filter(active=True)


@larder_type(models.Loan)
class GuardedLoan:
    id: strawberry.ID = column("Its number.")
    reader: GuardedReader = column("Who.")
    named: Named | None = one_of({"GuardedReader": (GuardedReader, fetches.reader_of_loan)}, "Who, as an interface.")


@strawberry_django.filter_type(models.Disc)
class DiscFilter:
    title: strawberry.auto


@larder_type(models.Disc, filters=DiscFilter, pagination=True)
class FilteredDisc:
    title: str = column("Title.")


@larder_type(models.Author)
class FilteredAuthor:
    discs: list[FilteredDisc] = column("Discs.")


@strawberry.type
class FilteredQuery:
    author: FilteredAuthor | None = lookup(fetches.author_by_id, argument("id", str, "Its id."), "An author.")


def test_arguments_that_no_fetch_honours_are_not_offered() -> None:
    schema = strawberry.Schema(query=FilteredQuery)

    assert "discs: [FilteredDisc!]!" in schema.as_str()
    assert "DiscFilter" not in schema.as_str()


@strawberry.type
class GuardedQuery:
    reader: GuardedReader | None = lookup(fetches.reader_by_card, argument("card", str, "The card."), "A reader.")
    loans: Connection[GuardedLoan] = listed(fetches.loans_by_time, "Loans.")
    readers: Connection[GuardedReader] = listed(fetches.readers_by_name, "Readers.")
    everybody: list[GuardedReader] = resolved(FetchAll(fetches.all_readers), "Readers.")


@pytest.mark.parametrize(
    "query",
    [
        '{ reader(card: "R001") { name } }',
        "{ everybody { name } }",
        "{ everybody { __typename } }",
        "{ readers { nodes { name } } }",
        "{ readers { totalCount } }",
        "{ loans { nodes { reader { name } } } }",
        "{ loans { nodes { named { name } } } }",
    ],
)
async def test_a_type_with_a_filter_of_its_own_is_refused_rather_than_leak(library: str, query: str) -> None:
    schema = strawberry.Schema(query=GuardedQuery, types=[GuardedReader])

    async with asking(library, schema=schema) as ask:
        answered = await ask(query)

    assert answered.errors
    assert all(f"GuardedReader.get_queryset {HIDING}" in error for error in answered.errors)
    assert "R0" not in str(answered.data)
