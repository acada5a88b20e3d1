"""What has no plan, and which field the refusal names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from django.db.models import QuerySet
from strawberry.directive import DirectiveLocation, DirectiveValue

from loaders.connections import Connection, ListByArguments, listed
from loaders.fetches import declared_fetch
from loaders.fetching import FetchAll, FetchFromRow
from loaders.fields import (
    FetchField,
    argument,
    column,
    computed,
    embedded,
    fetched,
    larder_type,
    lookup,
    resolved,
)
from loaders.pages import paging_arguments
from loaders.resolutions import Column
from plans.compiler import NODES
from plans.errors import NotCompilable
from plans.opening import Opening
from plans.operations import Operations
from plans.plan import Plan
from tests.library import fetches, models
from tests.library.gates import ForStaff, Loud
from tests.library.schema import schema as library_schema


class ShoutedField(FetchField):
    """A field that reads its value in a way of its own."""

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return str(super().get_result(source, info, args, kwargs)).upper()


def shouted() -> Any:
    return ShoutedField(declared=Column("name"), description="Name in capitals.")


@strawberry.type
class Built:
    city: str | None

    def __post_init__(self) -> None:
        self.city = (self.city or "").upper()


@strawberry.type
class Made:
    city: str | None

    @strawberry.field
    def loud(self) -> str:
        return (self.city or "").upper()


@declared_fetch(models.Book, key="authors__id")
def distinct_books() -> QuerySet[models.Book]:
    return models.Book.objects.order_by("id").distinct()


@declared_fetch(models.Book, key="publisher_id")
def two_kinds_of_books() -> QuerySet[models.Book]:
    return models.Book.objects.filter(price=None).union(models.Book.objects.filter(weight=None))


@larder_type(models.Book)
class Book:
    title: str = column("Title.")


@strawberry.type
class BookPages(Connection[Book]):
    @strawberry.field
    def size(self) -> int:
        return len(self.nodes)


@larder_type(models.Publisher)
class Publisher:
    name: str = column("Name.")
    shouted: str = shouted()
    guarded: str = column("Name.", name="name", permission_classes=[ForStaff])
    louder: str = computed(str, ["name"], "Name in capitals.", extensions=[Loud()])
    built: Built | None = embedded(Built, "Where.", unless_null=["city"], city="city")
    made: Made = embedded(Made, "Where.", city="city")
    books: list[Book] = column("Books.")
    mixed: list[Book] = fetched(two_kinds_of_books, "Books.")
    book: Book | None = resolved(FetchFromRow(fetches.books_of_same_publisher), "One of many.")
    whole: Book | None = resolved(Column("name"), "A column that is no object.")

    @strawberry.field
    def own(self: Any) -> str:
        return str(self.name)


@larder_type(models.Author)
class Author:
    name: str = column("Name.")
    distinct: list[Book] = fetched(distinct_books, "Books.")


@strawberry.interface
class Named:
    name: str


@larder_type(models.Reader)
class Reader(Named):
    name: str = column("Name.")


class Nothing:
    """A resolution that plans do not know."""

    columns = ()

    def resolve(self, row: Any, info: Any, arguments: Any) -> None:
        return None


class LoudColumn(Column):
    """A column that is read in its own way."""

    def resolve(self, row: Any, info: Any, arguments: Any) -> Any:
        return super().resolve(row, info, arguments).upper()


@strawberry.directive(locations=[DirectiveLocation.FIELD, DirectiveLocation.INLINE_FRAGMENT])
def turned(value: DirectiveValue[str]) -> str:
    return value[::-1]


@larder_type(models.Reader)
class Hidden(Named):
    name: str = column("Name.")

    @classmethod
    def get_queryset(cls, queryset: QuerySet[models.Reader], info: Any, **_: Any) -> QuerySet[models.Reader]:
        return queryset.filter(active=True)


@larder_type(models.Loan)
class Loan:
    id: strawberry.ID = column("Its number.")
    number: str = resolved(LoudColumn("id"), "Its number, louder.")
    reader: Hidden = column("Who.")


PUBLISHER = fetches.by_id(models.Publisher)
ID = argument("id", strawberry.ID, "Its id.")


@strawberry.type
class Query:
    publisher: Publisher | None = lookup(PUBLISHER, ID, "A publisher.")
    author: Author | None = lookup(fetches.author_by_id, ID, "An author.")
    reader: Named | None = lookup(fetches.reader_by_card, ID, "A reader, as an interface.")
    everybody: list[Named] = resolved(FetchAll(fetches.all_readers), "Readers, as an interface.")
    hidden: Hidden | None = lookup(fetches.reader_by_card, ID, "A reader, if active.")
    loans: Connection[Loan] = listed(fetches.loans_by_time, "Loans.")
    hidden_readers: Connection[Hidden] = listed(fetches.readers_by_name, "Readers, if active.")
    books: BookPages = resolved(ListByArguments(fetches.books_by_title), "Books.", takes=paging_arguments())
    maybe_books: Connection[Book] | None = resolved(
        ListByArguments(fetches.books_by_title), "Books.", takes=paging_arguments()
    )
    one_of_many: list[Publisher] = lookup(PUBLISHER, ID, "A list by one key of a fetch of one row.")
    name: str | None = resolved(Column("name"), "A column of nothing.")
    nothing: Publisher | None = resolved(Nothing(), "Nobody knows how.")

    @strawberry.field
    def motto(self) -> str:
        return "Quiet, please"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def write(self) -> str:
        return "written"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[Reader, Hidden], directives=[turned]
)


def compiled(query: str, schema: strawberry.Schema = SCHEMA, **variables: Any) -> Plan:
    """The operation's plan. Raises ``NotCompilable``."""
    operation = Operations(schema).get(query, None)
    coerced = operation.variables(variables)
    variant = operation.variant(coerced)
    return variant.plan(variant.binder.bind(coerced), Opening())


OWN = "a resolver of its own"
FEW = "a fetch whose number of rows the type does not fit"
CASES: list[tuple[str, str, str]] = [
    ("{ motto }", "motto", OWN),
    ("{ publisher(id: 1) { name mine: own } }", "publisher.mine", OWN),
    ("{ publisher(id: 1) { ...P } } fragment P on Publisher { books { title } own }", "publisher.own", OWN),
    ("{ publisher(id: 1) { shouted } }", "publisher.shouted", OWN),
    ("{ publisher(id: 1) { guarded } }", "publisher.guarded", "a permission"),
    ("{ publisher(id: 1) { louder } }", "publisher.louder", "a field extension"),
    ("{ publisher(id: 1) { built { city } } }", "publisher.built", "an embedded Built with a constructor of its own"),
    ("{ publisher(id: 1) { made { city loud } } }", "publisher.made.loud", OWN),
    ("{ publisher(id: 1) { book { title } } }", "publisher.book", FEW),
    ("{ publisher(id: 1) { whole { title } } }", "publisher.whole", "a column or a computed value of an object type"),
    ("{ publisher(id: 1) { mixed { title } } }", "publisher.mixed", "a fetch with DISTINCT or UNION"),
    ("{ author(id: 1) { distinct { title } } }", "author.distinct", "a fetch with DISTINCT or UNION"),
    ('{ reader(id: "R001") { name } }', "reader", "rows of the abstract type Named"),
    ("{ everybody { name } }", "everybody", "rows of the abstract type Named"),
    ("{ books { size } }", "books.size", OWN),
    ("{ maybeBooks { totalCount } }", "maybeBooks", "a connection of the type BookConnection"),
    ("{ oneOfMany(id: 1) { name } }", "oneOfMany", "a lookup whose number of rows the type does not fit"),
    ("{ name }", "name", "a Column at the root"),
    ("{ nothing { name } }", "nothing", "a Nothing, which plans do not know"),
    ("{ loans { nodes { number } } }", "loans.nodes[].number", "a LoudColumn, which plans do not know"),
    ("{ __schema { queryType { name } } }", "__schema", "introspection"),
    ('{ t: __type(name: "Book") { name } }', "t", "introspection"),
    ("{ publisher(id: 1) { name @turned } }", "", "the directive @turned"),
    ("{ ... @turned { publisher(id: 1) { name } } }", "", "the directive @turned"),
    ("mutation { write }", "", "a mutation"),
    ("subscription { ticks }", "", "a subscription"),
    ("{ nonsense }", "", "a document that is not valid"),
    ("{ publisher", "", "a document that does not parse"),
    ("{" * 5000, "", "a document that does not parse"),
    ("fragment P on Publisher { name }", "", "a document that is not valid"),
    ("query A { __typename } query B { __typename }", "", "no operation of that name, or several"),
    (
        "{ " + " ".join(f"p{number}: publisher(id: 1) {{ name }}" for number in range(NODES + 1)) + " }",
        f"p{NODES}",
        "more than 64 statements",
    ),
]


@pytest.mark.parametrize(("query", "path", "reason"), CASES)
def test_what_has_no_plan(query: str, path: str, reason: str) -> None:
    with pytest.raises(NotCompilable) as refused:
        compiled(query)

    assert refused.value.path == path
    assert refused.value.reason.startswith(reason)


@pytest.mark.parametrize(
    "query",
    [
        '{ hidden(id: "R000") { name } }',
        '{ hidden(id: "R000") { __typename } }',
        "{ loans { nodes { reader { name } } } }",
        "{ loans { edges { node { reader { name } } } } }",
        "{ hiddenReaders { totalCount } }",
        "{ hiddenReaders { nodes { name } } }",
    ],
)
def test_a_type_that_hides_rows_has_no_plan(query: str) -> None:
    with pytest.raises(NotCompilable, match=r"Hidden\.get_queryset is not called by fetches"):
        compiled(query)


def test_as_many_statements_as_are_allowed() -> None:
    fields = " ".join(f"p{number}: publisher(id: 1) {{ name }}" for number in range(NODES))

    assert len(compiled(f"{{ {fields} }}").statements.slots) == NODES


@pytest.mark.parametrize(
    "query",
    [
        "query ($no: Boolean = false) { publisher(id: 1) { name own @include(if: $no) } }",
        "{ publisher(id: 1) { name own @skip(if: true) } }",
        "query ($no: Boolean = false) { publisher(id: 1) { name ... @include(if: $no) { own } } }",
        "query ($yes: Boolean = true) { publisher(id: 1) { name } motto @skip(if: $yes) }",
    ],
)
def test_what_is_skipped_does_not_matter(query: str) -> None:
    assert [node.path for node in compiled(query).shape.nodes] == ["publisher"]


def test_a_refusal_is_remembered() -> None:
    operation = Operations(SCHEMA).get("{ motto }", None)

    for _ in range(2):
        with pytest.raises(NotCompilable, match="motto: a resolver of its own"):
            operation.variant(operation.variables({}))
    assert len(operation.variants) == 1


def test_a_plan_declares_every_head_once() -> None:
    query = """{ reader(card: "R001") { loans { at } overdue { at } }
        branch(code: "B0") { copies { wear book { bestCopy { wear } } } } }"""

    heads = compiled(query, library_schema).heads

    assert len(heads) == len(set(heads))
    assert list(heads) == sorted(heads)
    assert {"library_loan", "library_copy"} <= set(heads)
