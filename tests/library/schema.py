"""The library's root and schema."""

from __future__ import annotations

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from loaders.choices import Choices
from loaders.connections import Connection, listed
from loaders.fetching import FetchAll, NodeByArgument
from loaders.fields import argument, lookup, resolved
from loaders.nodes import uuid_of
from tests.library import fetches
from tests.library.scalars import SCALARS
from tests.library.types import FORMATS, STATES, Author, Book, Branch, Category, Disc, Loan, Reader, Work

NODES: Choices = {"Book": (Book, fetches.book_by_id), "Disc": (Disc, fetches.disc_by_id)}
ID = argument("id", strawberry.ID, "Its id.")
STARTS = argument("starts", str | None, "First letters of the title.")


@strawberry.type
class Query:
    book: Book | None = lookup(fetches.book_by_id, ID, "A book.", read=uuid_of("Book"))
    author: Author | None = lookup(fetches.author_by_id, ID, "An author.")
    category: Category | None = lookup(fetches.category_by_slug, argument("slug", str, "Its slug."), "A category.")
    branch: Branch | None = lookup(fetches.branch_by_code, argument("code", str, "Its code."), "A branch.")
    reader: Reader | None = lookup(fetches.reader_by_card, argument("card", strawberry.ID, "The card."), "A reader.")
    readers: list[Reader | None] = lookup(
        fetches.reader_by_card, argument("cards", list[strawberry.ID], "The cards."), "Readers."
    )
    categories: list[Category] = resolved(FetchAll(fetches.top_categories), "Categories at the top.")
    books: Connection[Book] = listed(fetches.books_by_title, "Books by title.", takes=[STARTS, FORMATS])
    to_hand: Connection[Book] = listed(fetches.books_to_hand, "Books as the reader likes them.", takes=[STARTS])
    loans: Connection[Loan] = listed(fetches.loans_by_time, "Loans, newest first.", takes=[STATES])
    discs: Connection[Disc] = listed(fetches.discs_by_length, "Discs, shortest first.")
    work: Work | None = resolved(NodeByArgument("id", NODES), "A work.", takes=[ID])
    works: list[Work | None] = resolved(
        NodeByArgument("ids", NODES), "Works.", takes=[argument("ids", list[strawberry.ID], "Their ids.")]
    )

    @strawberry.field
    async def motto(self) -> str:
        return "Quiet, please"


schema = strawberry.Schema(
    query=Query,
    types=[Book, Disc],
    extensions=[ParserCache, ValidationCache],
    config=StrawberryConfig(scalar_map=SCALARS),
)
