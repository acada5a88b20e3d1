"""Relay connections over listings (Relay's Cursor Connections Specification)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import strawberry
from strawberry import relay
from strawberry_django.utils.typing import unwrap_type

from loaders.cursors import encode_cursor
from loaders.directives.cache_control import INHERITED
from loaders.directives.list_size import list_size, with_list_size
from loaders.fields import resolved
from loaders.listings import Listing
from loaders.pages import DEFAULT_PAGE, Page, paging_arguments
from loaders.recording import asked_by, is_recording, pattern
from loaders.rows import maker
from loaders.rows_by_key import RowsByKey
from loaders.selection import needed_columns
from loaders.totals import Total, TotalOfKey, TotalOfList, hashable_items
from loaders.viewer import viewer_of

if TYPE_CHECKING:
    from strawberry.types.arguments import StrawberryArgument

T = TypeVar("T")


@strawberry.type(description="One row of a page, and the cursor of its place in the list.")
class Edge(Generic[T]):
    """An edge of a connection."""

    cursor: str = strawberry.field(description="Pass it as `after` or `before` to go on from here.")
    node: T = strawberry.field(description="The row.", directives=[INHERITED])


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

    edges: list[Edge[T]] = strawberry.field(
        description="The rows of the page with their cursors.", directives=[INHERITED]
    )
    nodes: list[T] = strawberry.field(description="The rows of the page.", directives=[INHERITED])
    page_info: relay.PageInfo = strawberry.field(
        description="Whether there is more, and where this page begins and ends.", directives=[INHERITED]
    )
    total: strawberry.Private[Total]

    total_count: int = strawberry.field(
        resolver=total_count, description="Number of rows in the whole list. Counted only when selected."
    )
    total_count_is_exact: bool = strawberry.field(
        resolver=total_count_is_exact, description="False when `totalCount` is an estimate (above 10,000)."
    )


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
        given = listing.given(arguments, viewer_of(info.context, listing.facets))
        values = page.values(listing, given)
        as_type, columns = node_columns(info)
        statement = listing.page(columns, tuple(given), after=page.cursor is not None, backward=page.backward)
        paths = asking_paths(info)
        with asked_by(paths):
            rows = await session.rows(statement, values)
        make = maker(as_type, statement.columns)
        return connection(page, rows, listing, given, make, TotalOfList(session, listing, given, paths))


@dataclass(frozen=True, slots=True)
class ListFromRow:
    """A page of those rows of ``listing`` whose ``key_path`` is the ``parent_column`` of the row at hand.

    The pages of all rows at hand are one statement, their totals another. A cursor holds for every row at hand.
    """

    listing: Listing
    key_path: str
    parent_column: str = "id"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that holds the key."""
        return (self.parent_column,)

    async def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Connection[Any]:
        """The page; an empty one for a null key."""
        listing, session, page = self.listing, info.context.session, Page.of(arguments)
        given, key = listing.given(arguments, viewer_of(info.context, listing.facets)), getattr(row, self.parent_column)
        values = page.values(listing, given)
        as_type, columns = node_columns(info)
        place = ("page", listing, self.key_path, as_type, columns, page, *hashable_items(given))
        loader: RowsByKey | None = session.loaders.get(place)
        if loader is None:
            statement = listing.page_by_key(
                columns, tuple(given), self.key_path, after=page.cursor is not None, backward=page.backward
            )
            loader = session.loaders[place] = RowsByKey(session, statement, values)
        paths = asking_paths(info)
        rows = [] if key is None else await loader.load(key, paths)
        make = maker(as_type, loader.statement.columns[1:])
        total = TotalOfKey(session, listing, given, self.key_path, key, paths)
        return connection(page, rows, listing, given, make, total)


def connection(
    page: Page, rows: Sequence[tuple[Any, ...]], listing: Listing, given: Mapping[str, Any], make: Any, total: Total
) -> Connection[Any]:
    """A connection of at most ``page.size`` rows; one more row says that there is another page."""
    mark, width = listing.fingerprint(given), len(listing.columns)
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


def asking_paths(info: Any) -> tuple[str, ...]:
    """The current field's path pattern for a recording; () when nobody records."""
    return (pattern(info.path),) if is_recording() else ()


def node_type(info: Any) -> type:
    """The node type of the connection that the current field returns."""
    definition = unwrap_type(info.return_type).__strawberry_definition__
    found: type = unwrap_type(definition.type_var_map["T"])
    return found


def node_columns(info: Any) -> tuple[type, tuple[str, ...]]:
    """That type, and the columns that the selections need of it."""
    session, as_type = info.context.session, node_type(info)
    needed = dict.fromkeys(needed_columns(info, session, as_type, ("edges", "node")))
    needed.update(dict.fromkeys(needed_columns(info, session, as_type, ("nodes",))))
    return as_type, tuple(needed)


def listed(
    listing: Listing,
    description: str,
    *,
    takes: Sequence[StrawberryArgument] = (),
    key: str | None = None,
    parent: str = "id",
    **options: Any,
) -> Any:
    """A connection over ``listing``; first, after, last and before are added to its arguments.

    key: path in the listing to the column that is compared with the column ``parent`` of the row at hand; None: the
    whole list, as on the root. options: as of ``resolved``.
    """
    declared = ListByArguments(listing) if key is None else ListFromRow(listing, key, parent)
    options = with_list_size(list_size(DEFAULT_PAGE, by=("first", "last"), of=("edges", "nodes")), options)
    return resolved(declared, description, takes=[*takes, *paging_arguments()], **options)
