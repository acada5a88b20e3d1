"""What an operation is compiled into: a tree of fetches, and for each the values that its rows become.

A value tells how one field of an object is made of the row at hand; the fold (``plans.fold``) turns values into code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.facets import Facet
from loaders.fetches import Fetch
from loaders.listings import Listing
from loaders.resolutions import Computed
from plans.arguments import Arguments
from plans.completion import Completion


@dataclass(eq=False, slots=True)
class View:
    """An object's fields, in the order of the response."""

    fields: list[tuple[str, Value]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class FetchNode:
    """One statement of the plan: rows of ``fetch`` for the rows of ``parent``, or for the keys of a root field.

    index: its number, which parents precede. path: response path of the field. columns: what its rows must have,
    as an ordered set; one that ends with ``::text`` comes as PostgreSQL's text of it. order: the column that merges its
    rows with those of other types. keys_as_text: its keys are UUIDs as canonical text.
    """

    index: int
    path: str
    fetch: Fetch
    parent: Node | None
    arguments: Arguments | None
    type_name: str
    view: View = field(default_factory=View)
    columns: dict[str, None] = field(default_factory=dict)
    order: str | None = None
    keys_as_text: bool = False

    @property
    def heads(self) -> tuple[str, ...]:
        """What the node's rows depend on."""
        return self.fetch.heads

    @property
    def facets(self) -> Mapping[str, Facet]:
        """What the node's rows depend on of the viewer."""
        return self.fetch.facets


@dataclass(eq=False, slots=True)
class PageNode:
    """A page of ``listing``: at the root, or, with a ``key_path``, one for each row of ``parent``.

    fields: the connection's own. columns: what the rows must have beside the ordering key.
    """

    index: int
    path: str
    listing: Listing
    parent: Node | None
    arguments: Arguments
    type_name: str
    key_path: str | None = None
    parent_column: str = "id"
    fields: list[tuple[str, PageField | Typename]] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)

    @property
    def heads(self) -> tuple[str, ...]:
        """What the node's rows depend on."""
        return (self.listing.model._meta.db_table,)

    @property
    def facets(self) -> Mapping[str, Facet]:
        """What the node's rows depend on of the viewer."""
        return self.listing.facets

    @property
    def counted(self) -> bool:
        """Whether the operation asks for the total."""
        return any(isinstance(part, PageField) and part.name in TOTALS for _, part in self.fields)


Node = FetchNode | PageNode

AS_ID = "::id:"
"""Stands between the name of a UUID column and of a type, for a column that comes as base64 of ``Type:uuid``."""

AS_TEXT = "::text"
"""Ends the name of a column that comes as PostgreSQL's text of it."""

TOTALS = ("total_count", "total_count_is_exact")


@dataclass(frozen=True, eq=False, slots=True)
class PageField:
    """A field of a connection by its Python name.

    parts: of ``nodes``, one view of the row; of ``edges`` and ``page_info``, their own fields by response key: a
    Python name, a constant, or for the node a view.
    """

    name: str
    parts: tuple[tuple[str, str | Typename | View], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Typename:
    """``__typename``, or any other constant."""

    name: str


@dataclass(frozen=True, eq=False, slots=True)
class ColumnValue:
    """A column as a leaf."""

    column: str
    completion: Completion


@dataclass(frozen=True, eq=False, slots=True)
class ComputedValue:
    """A pure function's result as a leaf.

    repeats: columns that decide the result for the rows of one operation, and that hash well; () where there are none
    such, or where they hardly repeat. hashes: whether values of all its columns can be put into a set.
    """

    computed: Computed
    arguments: int | None
    completion: Completion
    repeats: tuple[str, ...]
    hashes: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class GlobalIdValue:
    """A global id made of a column.

    padding: the column comes as base64 with so many characters of padding at its end; None where it comes as it is.
    """

    type_name: str
    column: str
    padding: int | None


@dataclass(frozen=True, eq=False, slots=True)
class EmbeddedValue:
    """An object of the same row; null where all of ``unless_null`` are null."""

    unless_null: tuple[str, ...]
    nullable: bool
    view: View


@dataclass(frozen=True, eq=False, slots=True)
class RowsValue:
    """The rows of a to-many fetch."""

    node: FetchNode
    key: str


@dataclass(frozen=True, eq=False, slots=True)
class RowValue:
    """The row of a to-one fetch."""

    node: FetchNode
    key: str
    nullable: bool


@dataclass(frozen=True, eq=False, slots=True)
class OneOfValue:
    """The first row that exists, of several to-one fetches."""

    nodes: tuple[tuple[FetchNode, str], ...]
    nullable: bool


@dataclass(frozen=True, eq=False, slots=True)
class EachOfValue:
    """The rows of several to-many fetches, in that order or merged by a column."""

    nodes: tuple[tuple[FetchNode, str], ...]
    merged: bool


@dataclass(frozen=True, eq=False, slots=True)
class PageValue:
    """The page of a nested connection."""

    node: PageNode


Value = (
    Typename
    | ColumnValue
    | ComputedValue
    | GlobalIdValue
    | EmbeddedValue
    | RowsValue
    | RowValue
    | OneOfValue
    | EachOfValue
    | PageValue
)


@dataclass(frozen=True, eq=False, slots=True)
class RootLookup:
    """Rows by an argument. read: a value of the argument -> (type name, key), None for what cannot exist.

    by_list: the argument is a list, and so is the value. rows: a key has many rows.
    """

    nodes: Mapping[str, FetchNode]
    arguments: Arguments
    argument: str
    read: Callable[[Any], tuple[str, Any] | None]
    by_list: bool
    rows: bool
    nullable: bool
    element_nullable: bool


@dataclass(frozen=True, eq=False, slots=True)
class RootRows:
    """Every row of a fetch without keys."""

    node: FetchNode


@dataclass(frozen=True, eq=False, slots=True)
class RootPage:
    """A page of a listing."""

    node: PageNode


Root = Typename | RootLookup | RootRows | RootPage


@dataclass(eq=False, slots=True)
class Shape:
    """An operation with @skip and @include decided. sites: every field whose arguments are read per request.

    heads: what its fields declare to depend on. uncacheable: why its answers cannot be kept, None where they may.
    """

    roots: list[tuple[str, Root]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    sites: list[Arguments] = field(default_factory=list)
    reads_instant: bool = False
    heads: set[str] = field(default_factory=set)
    uncacheable: str | None = None
