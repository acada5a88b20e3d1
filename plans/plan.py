"""A plan: the statements of one operation, ready to be sent at once, and the fold that makes its response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from loaders.changes import earliest_sql, volatile
from loaders.params import INSTANT, KEYS
from loaders.pipelines.calls import Call, Rows
from loaders.pipelines.encoding import PreparedCall, prepare
from loaders.rewrites import REWRITTEN, TABLES, named_tables, quoted
from loaders.stamps import Tracking
from loaders.statement import Statement
from plans.binding import Binding, Key
from plans.errors import Deopt, Rewritten
from plans.fold import Fold, Folding, FoldWriter
from plans.opening import Opening
from plans.statements import PlanStatements, Presence, plan_statements
from plans.tree import FetchNode, Node, Root, RootLookup, Shape, Typename

ROWS_AT_ONCE = 1000
"""Rows decoded and folded without a look at the clock: some two milliseconds."""

PACKED_FROM = 20_000
"""A node with this many rows writes its objects' JSON as it goes."""


MEMBERS = 8
"""Distinct lookups in one pipeline at the most: four to eight halve the cost of a small operation, more are worse."""

FEWEST_MEMBERS = 2
GROUP_ROWS = 500
"""Rows of a pipeline from which sharing it saves nothing: reading and folding rows is all of its cost then, and the
requests in it wait for each other."""

NEWEST = 0.2
"""Weight of the latest pipeline in the mean of its rows."""


class Plan:
    """A shape with one set of given arguments. Everything about it is decided; only values are missing."""

    def __init__(self, shape: Shape, presence: Presence, opening: Opening) -> None:
        self.shape = shape
        self.statements: PlanStatements = plan_statements(shape, presence)
        self.prepared = [prepare(statement) for statement in self.statements.slots]
        self.opening = opening
        self.roots = [root_of(owner).index for owner in self.statements.owners]
        self.batched = self._batched()
        self.members = MEMBERS
        self._rows_each: float | None = None
        self._folds: dict[tuple[int | None, bool, bool], Fold] = {}
        self._tracked: tuple[Tracking | None, tuple[str, ...], str | None] | None = None

    @cached_property
    def names(self) -> frozenset[str]:
        """Every head that the plan's fetches and fields declare, and every table that a statement names."""
        changes = self.changes
        return self.tables.union(
            self.shape.heads,
            named_tables(changes.text) if changes is not None else (),
            *(node.heads for node in self.shape.nodes),
        )

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads that the plan's answers depend on, sorted."""
        return self._as_tracked()[1]

    @property
    def uncacheable(self) -> str | None:
        """Why the plan's answers cannot be kept, None where they may."""
        return self.shape.uncacheable or self._as_tracked()[2]

    def refuse_stamps(self, reason: str) -> None:
        """Keep none of the plan's answers from here on."""
        self.shape.uncacheable = reason

    def _as_tracked(self) -> tuple[Tracking | None, tuple[str, ...], str | None]:
        """Heads, and why answers cannot be kept, under what is known of tracking."""
        found, opening = self._tracked, self.opening
        if found is None or found[0] is not opening.tracking:
            reason = self.volatile or opening.uncacheable(self.names)
            found = self._tracked = (opening.tracking, opening.names(self.names), reason)
        return found

    @cached_property
    def volatile(self) -> str | None:
        """What in its statements has another value each time, None where nothing has."""
        return next((found for statement in self.statements.slots if (found := volatile(statement.text))), None)

    @cached_property
    def changes(self) -> Statement | None:
        """SQL of the instant at which rows of its fetches come or go by the clock; None where none do."""
        fetches = [node.fetch for node in self.shape.nodes if isinstance(node, FetchNode)]
        return earliest_sql(tuple(dict.fromkeys(fetch.changes for fetch in fetches if fetch.changes is not None)))

    @cached_property
    def changing(self) -> PreparedCall | None:
        """The opening that reads that instant too."""
        return None if self.changes is None else self.opening.with_changes(self.changes)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Every table that the plan's statements name."""
        return frozenset(table for statement in self.statements.slots for table in named_tables(statement.text))

    @cached_property
    def closing(self) -> Call:
        """The last call: whether a table was rewritten while the pipeline ran."""
        return prepare(REWRITTEN).call({TABLES: quoted(self.tables)})

    def _batched(self) -> int | None:
        """Position of the root field whose keys requests may share statements for, None without one."""
        lookups = [place for place, (_, root) in enumerate(self.shape.roots) if not isinstance(root, Typename)]
        if len(lookups) != 1 or not isinstance(self.shape.roots[lookups[0]][1], RootLookup):
            return None
        return lookups[0]

    def fold(self, packed: int | None = None, *, to_bytes: bool = True, stamp: bool = False) -> Fold:
        """The fold, by the node that it packs and by what it is for."""
        key = (packed, to_bytes, stamp)
        found = self._folds.get(key)
        if found is None:
            writer = FoldWriter(self.shape, self.statements, packed=packed, to_bytes=to_bytes, stamp=stamp)
            found = self._folds[key] = writer.compile()
        return found

    # Sending

    def met(self, rows: int, lookups: int) -> None:
        """Learn from a pipeline's rows how many lookups may share one: ``members``."""
        each = rows / lookups
        known = each if self._rows_each is None else self._rows_each + NEWEST * (each - self._rows_each)
        self._rows_each = known
        self.members = max(FEWEST_MEMBERS, min(MEMBERS, int(GROUP_ROWS / max(known, 1.0))))

    def calls(
        self,
        binding: Binding,
        lookups: Iterable[Mapping[int, Any]],
        instant: datetime | None,
        *,
        stamp: bool = False,
    ) -> PlanCalls:
        """The pipeline for one set of values and any number of requests' lookup keys.

        stamp: read when rows change by the clock too.
        """
        keys = self.keys(lookups)
        values = {
            **binding.values,
            **{f"{index}.{KEYS}": self.key_array(index, found) for index, found in keys.items()},
            INSTANT: instant,
        }
        slots = [slot for slot, root in enumerate(self.roots) if root not in keys or keys[root]]
        fetches = [self.prepared[slot].call(values) for slot in slots]
        heads = self.heads
        opening = self.opening.call(heads, instant, self.changing if stamp and self.uncacheable is None else None)
        return PlanCalls([opening, *fetches, self.closing], slots, heads)

    def key_array(self, index: int, keys: Iterable[Any]) -> Any:
        """Keys as the value of a parameter: a list, or for UUIDs PostgreSQL's text of an array."""
        node = self.shape.nodes[index]
        return "{" + ",".join(keys) + "}" if isinstance(node, FetchNode) and node.keys_as_text else list(keys)

    def keys(self, lookups: Iterable[Mapping[int, Any]]) -> dict[int, dict[Any, None]]:
        """Node index of each root lookup -> its keys, without repetition."""
        keys: dict[int, dict[Any, None]] = {
            node.index: {}
            for _, root in self.shape.roots
            if isinstance(root, RootLookup)
            for node in root.nodes.values()
        }
        for lookup in lookups:
            for place, found in lookup.items():
                root = cast("RootLookup", self.shape.roots[place][1])
                for key in found if root.by_list else (found,):
                    if key is not None:
                        keys[root.nodes[key[0]].index][key[1]] = None
        return keys

    # Folding

    def folding(
        self, binding: Binding, rows: Mapping[int, Rows], instant: datetime, *, to_bytes: bool, stamp: bool = False
    ) -> Folding:
        """The fold at work."""
        packed = None
        if to_bytes:
            packed = next(
                (
                    node.index
                    for node in self.shape.nodes
                    if isinstance(node, FetchNode) and node.index in rows and rows[node.index].count >= PACKED_FROM
                ),
                None,
            )
        fold = self.fold(packed, to_bytes=to_bytes, stamp=stamp)
        return fold(chunks_of(rows), instant, binding.sites, binding.pages)

    def data(self, found: Mapping[int, Any], lookups: Mapping[int, Any]) -> dict[str, Any]:
        """One request's data from the folded roots. Raises ``Deopt``."""
        return {key: root_value(root, found, lookups.get(place)) for place, (key, root) in enumerate(self.shape.roots)}


class PlanCalls:
    """A pipeline's calls: the opening, which reads ``heads``, those of ``slots``, the closing."""

    __slots__ = ("calls", "heads", "slots")

    def __init__(self, calls: Sequence[Call], slots: Sequence[int], heads: Sequence[str]) -> None:
        self.calls = calls
        self.slots = slots
        self.heads = heads

    def rows(self, results: Sequence[Rows]) -> dict[int, Rows]:
        """Rows by slot; a slot that was not sent has none. Raises ``Rewritten``."""
        [(rewritten,)] = results[-1].load(0, 1)
        if rewritten:
            raise Rewritten
        return dict(zip(self.slots, results[1:-1], strict=True))


def chunks_of(rows: Mapping[int, Rows]) -> Callable[[int], Iterator[list[tuple[Any, ...]]]]:
    """A function from a slot to its rows, decoded a slice at a time."""

    def chunks(slot: int) -> Iterator[list[tuple[Any, ...]]]:
        found = rows.get(slot)
        if found is not None:
            for start in range(0, found.count, ROWS_AT_ONCE):
                yield found.load(start, min(start + ROWS_AT_ONCE, found.count))

    return chunks


def root_value(root: Root, found: Mapping[int, Any], lookup: Any) -> Any:
    """The value of one root field."""
    if isinstance(root, Typename):
        return root.name
    if not isinstance(root, RootLookup):
        return found[root.node.index]
    if not root.by_list:
        return looked_up(root, found, lookup, nullable=root.nullable)
    return [looked_up(root, found, key, nullable=root.element_nullable) for key in lookup]


def looked_up(root: RootLookup, found: Mapping[int, Any], key: Key | None, *, nullable: bool) -> Any:
    """The object or objects of one key."""
    value = None if key is None else found[root.nodes[key[0]].index].get(key[1])
    if value is None and key is not None and root.rows:
        return []
    if value is None and not nullable:
        raise Deopt("a null where the schema takes none")
    return value


def root_of(node: Node) -> Node:
    """The node at the root that a node's rows depend on."""
    while node.parent is not None:
        node = node.parent
    return node
