"""Relay connections over listings (Relay's Cursor Connections Specification)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import strawberry
from strawberry import relay
from strawberry_django.utils.typing import unwrap_type

from loaders.cursors import decode_cursor, encode_cursor
from loaders.errors import BadArgument
from loaders.fields import argument, resolved
from loaders.listings import COUNT_CAP, LIMIT, Listing
from loaders.rows import maker
from loaders.selection import needed_columns

if TYPE_CHECKING:
    from strawberry.types.arguments import StrawberryArgument

    from loaders.session import ReadSession

DEFAULT_PAGE, MAX_PAGE = 20, 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """The number of rows of a listing with these filters, found out only when asked for."""

    session: ReadSession
    listing: Listing
    given: Mapping[str, Any]

    async def count(self) -> tuple[int, bool]:
        """(rows, exact). Exact up to 10,000, the planner's estimate above."""
        key = (self.listing, tuple(sorted((name, str(value)) for name, value in self.given.items())))
        return await self.session.once(key, self._count)

    async def _count(self) -> tuple[int, bool]:
        names = tuple(self.given)
        [[count]] = await self.session.rows(self.listing.count(names), {**self.given, LIMIT: COUNT_CAP + 1})
        if count <= COUNT_CAP:
            return count, True
        [[plan]] = await self.session.rows(self.listing.estimate(names), self.given)
        return max(int(plan[0]["Plan"]["Plan Rows"]), COUNT_CAP + 1), False


@strawberry.type(description="One row of a page, and the cursor of its place in the list.")
class Edge(Generic[T]):
    """An edge of a connection."""

    cursor: str = strawberry.field(description="Pass it as `after` or `before` to go on from here.")
    node: T = strawberry.field(description="The row.")


async def total_count(root: strawberry.Parent[Any]) -> int:
    """Rows in the whole list of the connection ``root``."""
    count, _ = await root.total.count()
    return int(count)


async def total_count_is_exact(root: strawberry.Parent[Any]) -> bool:
    """Whether that number is exact."""
    _, exact = await root.total.count()
    return bool(exact)


@strawberry.type(description="One page of a long list.")
class Connection(Generic[T]):
    """A connection."""

    edges: list[Edge[T]] = strawberry.field(description="The rows of the page with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows of the page.")
    page_info: relay.PageInfo = strawberry.field(
        description="Whether there is more, and where this page begins and ends."
    )
    total: strawberry.Private[Total]

    total_count: int = strawberry.field(
        resolver=total_count, description="Number of rows in the whole list. Counted only when selected."
    )
    total_count_is_exact: bool = strawberry.field(
        resolver=total_count_is_exact, description="False when `totalCount` is an estimate (above 10,000)."
    )


@dataclass(frozen=True, slots=True)
class Page:
    """What of a listing a request asks for: ``size`` rows, after or before a cursor."""

    size: int
    cursor: str | None
    backward: bool

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Page:
        """Read first/after/last/before. Raises ``BadArgument`` for a combination that means nothing."""
        first, last, after, before = (arguments.get(name) for name in ("first", "last", "after", "before"))
        if first is not None and last is not None:
            msg = "first and last exclude each other"
            raise BadArgument(msg)
        backward = last is not None
        if (before if not backward else after) is not None:
            msg = "after goes with first, before goes with last"
            raise BadArgument(msg)
        size = last if last is not None else DEFAULT_PAGE if first is None else first
        if not 0 <= size <= MAX_PAGE:
            msg = f"{'last' if backward else 'first'} must be between 0 and {MAX_PAGE}, not {size}"
            raise BadArgument(msg)
        return cls(size, before if backward else after, backward)


@dataclass(frozen=True, slots=True)
class ListByArguments:
    """A page of ``listing`` as a connection."""

    listing: Listing

    @property
    def columns(self) -> tuple[str, ...]:
        """None: it reads no row."""
        return ()

    async def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Connection[Any]:  # noqa: ARG002 - the protocol's signature
        """The page: one statement, of one row more than asked for."""
        listing, session, page = self.listing, info.context.session, Page.of(arguments)
        given = listing.given(arguments)
        mark, width = listing.fingerprint(given), len(listing.columns)
        values: dict[str, Any] = {**given, LIMIT: page.size + 1}
        if page.cursor is not None:
            values.update(listing.position(decode_cursor(page.cursor, mark, width)))
        as_type = node_type(info)
        columns = tuple(
            dict.fromkeys(
                needed_columns(info, session, as_type, ("edges", "node"))
                + needed_columns(info, session, as_type, ("nodes",))
            )
        )
        statement = listing.page(columns, tuple(given), after=page.cursor is not None, backward=page.backward)
        rows = await session.rows(statement, values)
        return connection(page, rows, mark, width, maker(as_type, statement.columns), Total(session, listing, given))


def connection(
    page: Page, rows: Sequence[tuple[Any, ...]], mark: str, width: int, make: Any, total: Total
) -> Connection[Any]:
    """A connection of at most ``page.size`` rows; one more row says that there is another page."""
    more, shown = len(rows) > page.size, list(rows[: page.size])
    if page.backward:
        shown.reverse()
    edges = [Edge(cursor=encode_cursor(mark, row[:width]), node=make(row)) for row in shown]
    return Connection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=relay.PageInfo(
            has_next_page=page.cursor is not None if page.backward else more,
            has_previous_page=more if page.backward else page.cursor is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total=total,
    )


def node_type(info: Any) -> type:
    """The node type of the connection that the current field returns."""
    definition = unwrap_type(info.return_type).__strawberry_definition__
    found: type = unwrap_type(definition.type_var_map["T"])
    return found


def listed(listing: Listing, description: str, *, takes: Sequence[StrawberryArgument] = ()) -> Any:
    """A root field: a connection over ``listing``; first, after, last and before are added to its arguments."""
    paging = [
        argument(
            "first",
            int | None,
            f"Rows from the start; {DEFAULT_PAGE} if neither first nor last is given, at most {MAX_PAGE}.",
        ),
        argument("after", str | None, "Go on after this cursor."),
        argument("last", int | None, f"Rows from the end, at most {MAX_PAGE}."),
        argument("before", str | None, "Go back from this cursor."),
    ]
    return resolved(ListByArguments(listing), description, takes=[*takes, *paging])
