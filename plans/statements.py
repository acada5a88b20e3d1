"""The SQL of a plan: each node's statement, keyed by the root's keys through semi-joins.

A node below another does not wait for its rows: its keys are an array that PostgreSQL makes of the parent's own
statement, ``column = ANY(ARRAY(SELECT …))``, evaluated once. So every statement can be sent at once, and a row that
several parents share is fetched once for each of them and its own children once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib.postgres.fields import ArrayField
from django.db.models import Expression, F, Field, ForeignKey, Func, QuerySet, TextField
from django.db.models.functions import Cast

from loaders.fetches import Fetch
from loaders.laterals import field_at
from loaders.listings import LIMIT
from loaders.params import INSTANT, KEYS, Param
from loaders.rows import KEY
from loaders.statement import Statement, compile_queryset
from plans.errors import NotCompilable
from plans.tree import AS_ID, AS_TEXT, FetchNode, Node, PageNode, Shape

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

Presence = Mapping[int, Any]
"""Node index -> which of its arguments are given (for a page also: after a cursor, backward)."""


SIZE, CAP = "size_", "cap_"


class ArrayOf(Expression):
    """``ARRAY(SELECT …)`` over a compiled statement of one column."""

    def __init__(self, statement: Statement, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.statement = statement

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # noqa: ARG002 - the protocol's signature
        """The statement in brackets, and its own places."""
        return f"ARRAY({self.statement.text})", list(self.statement.binds)


@dataclass(frozen=True, slots=True)
class PagePresence:
    """Which filters of a page are given, whether it goes on after a cursor, and in which direction."""

    given: tuple[str, ...]
    after: bool
    backward: bool


@dataclass(frozen=True, slots=True, eq=False)
class PlanStatements:
    """A plan's statements: first one for each node, by its index, then those that count.

    totals: index of a page's node -> the slots of its count and, for a whole list, of its estimate.
    """

    slots: tuple[Statement, ...]
    owners: tuple[Node, ...]
    totals: Mapping[int, tuple[int, ...]]

    def columns(self, node: Node) -> tuple[str, ...]:
        """Names of the columns of the node's rows."""
        return self.slots[node.index].columns


def plan_statements(shape: Shape, presence: Presence) -> PlanStatements:
    """Compile every statement of the shape for one set of given arguments."""
    writer = Statements(presence)
    slots = [writer.rows(node) for node in shape.nodes]
    owners: list[Node] = list(shape.nodes)
    totals: dict[int, tuple[int, ...]] = {}
    for node in shape.nodes:
        if isinstance(node, PageNode) and node.counted:
            counting = writer.totals(node)
            totals[node.index] = tuple(range(len(slots), len(slots) + len(counting)))
            slots += counting
            owners += [node] * len(counting)
    return PlanStatements(tuple(slots), tuple(owners), totals)


class Statements:
    """Compiles the nodes of one shape for one set of given arguments."""

    def __init__(self, presence: Presence) -> None:
        self.presence = presence

    def rows(self, node: Node) -> Statement:
        """The node's rows: the key first where there is one, then the wanted columns."""
        if isinstance(node, PageNode):
            page = self.page(node, selected(tuple(node.columns)))
            names = tuple(dict.fromkeys((*node.listing.columns, *node.columns)))
            if node.key_path is not None:
                names = (KEY, *names)
            return scoped(Statement(page.text, page.binds, names), node)
        fetch, columns = node.fetch, tuple(node.columns)
        wanted = tuple(f"{fetch.prefix}{column}" for column in columns)
        if fetch.key_path is None:
            compiled = compile_queryset(self.queryset(node), selected(wanted))
            return scoped(Statement(compiled.text, compiled.binds, columns), node)
        key = f"{fetch.key_path}{AS_TEXT}" if node.keys_as_text else fetch.key_path
        paths = tuple(dict.fromkeys((key, *wanted)))
        compiled = compile_queryset(self.queryset(node), selected(paths))
        names = tuple(path.removeprefix(fetch.prefix) for path in paths)
        if key not in wanted:
            names = (KEY, *names[1:])
        return scoped(Statement(compiled.text, compiled.binds, names), node)

    def keys(self, node: Node, column: str) -> Statement:
        """One column of the node's rows, which its children are keyed by."""
        if isinstance(node, PageNode):
            return self.page_keys(node, column)
        queryset = self.queryset(node)
        if not queryset.query.is_sliced:
            queryset = queryset.order_by()
        path = f"{node.fetch.prefix}{column}"
        return scoped(compile_queryset(queryset, (path,)), node)

    def queryset(self, node: FetchNode) -> QuerySet[Any, Any]:
        """The fetch's queryset for the rows of the parent."""
        fetch = node.fetch
        queryset = fetch.queryset(self.presence.get(node.index, ()))
        if queryset.query.distinct or queryset.query.combinator:
            raise NotCompilable("a fetch with DISTINCT or UNION, whose rows depend on the columns", node.path)
        if fetch.key_path is None:
            return queryset
        return queryset.filter(**{f"{fetch.key_path}__any_of": self.keys_of(node, fetch)})

    def keys_of(self, node: FetchNode, fetch: Fetch) -> Expression:
        """The keys as an array: a parameter at the root, the parent's column below."""
        keys = ArrayField(target(fetch.key_field))
        if node.parent is None:
            return Param(f"{node.index}.{KEYS}", keys)
        return ArrayOf(self.keys(node.parent, fetch.parent_column), keys)

    def page(self, node: PageNode, columns: tuple[Any, ...]) -> Statement:
        """One page, or one for each row of the parent: the ordering key's columns first, then ``columns``."""
        presence, listing = self.presence[node.index], node.listing
        given, after, backward = presence.given, presence.after, presence.backward
        if node.key_path is None:
            return listing.page(columns, given, after=after, backward=backward)
        return listing.page_by_key(
            columns, given, node.key_path, after=after, backward=backward, keys=self.page_parents(node)
        )

    def page_parents(self, node: PageNode) -> Expression:
        """The keys of a nested page."""
        keys = ArrayField(target(field_at(node.listing.model, node.key_path or "pk")))
        return ArrayOf(self.keys(cast("Node", node.parent), node.parent_column), keys)

    def page_keys(self, node: PageNode, column: str) -> Statement:
        """One column of the rows that the page shows: without the one that tells whether there is more."""
        page = renamed(self.page(node, (column,)), LIMIT, SIZE)
        names = [f"c{place}" for place in range(len(page.columns))]
        text = f"SELECT page_.{names[page.columns.index(column)]} FROM ({page.text}) AS page_({', '.join(names)})"
        return scoped(Statement(text, page.binds, (column,)), node)

    def totals(self, node: PageNode) -> list[Statement]:
        """The statements that count the rows of the list, or of each key's list."""
        given, listing = self.presence[node.index].given, node.listing
        if node.key_path is None:
            counting = [listing.count(given), listing.estimate(given)]
        else:
            counting = [listing.count_by_key(given, node.key_path, keys=self.page_parents(node))]
        return [scoped(renamed(statement, LIMIT, CAP), node) for statement in counting]


def selected(paths: tuple[str, ...]) -> tuple[Any, ...]:
    """What to select for these paths: themselves, their text, or a global id as base64."""
    return tuple(expression(path) for path in paths)


def expression(path: str) -> Any:
    """What to select for one path."""
    if path.endswith(AS_TEXT):
        return Cast(F(path.removesuffix(AS_TEXT)), TextField())
    column, as_id, type_name = path.partition(AS_ID)
    if not as_id:
        return path
    # A type's name has letters, digits and underscores only: nothing that ends a literal or that bytea escapes.
    template = f"encode(('{type_name}:' || %(expressions)s)::bytea, 'base64')"
    return Func(F(column), template=template, output_field=TextField())


def renamed(statement: Statement, old: str, new: str) -> Statement:
    """The same statement with one of its own parameters under another name."""
    binds = tuple(
        Param(new, bind.output_field) if isinstance(bind, Param) and bind.name == old else bind
        for bind in statement.binds
    )
    return Statement(statement.text, binds, statement.columns)


def scoped(statement: Statement, node: Node) -> Statement:
    """The same statement with the node's own parameters named after it; the instant is everybody's."""
    binds = tuple(
        Param(f"{node.index}.{bind.name}", bind.output_field)
        if isinstance(bind, Param) and bind.name != INSTANT and "." not in bind.name
        else bind
        for bind in statement.binds
    )
    return Statement(statement.text, binds, statement.columns)


def target(field: Field[Any, Any]) -> Field[Any, Any]:
    """The field whose type a foreign key's column has."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field
