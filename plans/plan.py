"""A plan: the statements of one operation, ready to be sent at once, and the fold that makes its response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from loaders.params import INSTANT, KEYS
from loaders.pipelines.calls import Call, Rows
from loaders.pipelines.encoding import prepare
from loaders.rewrites import REWRITTEN, TABLES, named_tables, quoted
from plans.binding import Binding, Key
from plans.errors import Deopt, Rewritten
from plans.fold import Fold, FoldWriter
from plans.opening import Opening
from plans.statements import PlanStatements, Presence, plan_statements
from plans.tree import FetchNode, Node, Root, RootLookup, Shape, Typename

ROWS_AT_ONCE = 1000
"""Rows decoded and folded without a look at the clock: some two milliseconds."""

PACKED_FROM = 20_000
"""A node with this many rows writes its objects' JSON as it goes."""


class Plan:
    """A shape with one set of given arguments. Everything about it is decided; only values are missing."""

    def __init__(self, shape: Shape, presence: Presence, opening: Opening) -> None:
        self.shape = shape
        self.statements: PlanStatements = plan_statements(shape, presence)
        self.prepared = [prepare(statement) for statement in self.statements.slots]
        self.opening = opening
        self.roots = [root_of(owner).index for owner in self.statements.owners]
        self.batched = self._batched()
        self._folds: dict[tuple[int | None, bool], Fold] = {}

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Every head that the plan's fetches declare, and every table that their statements name; sorted."""
        return tuple(sorted(self.tables.union(*(node.heads for node in self.shape.nodes))))

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

    def fold(self, packed: int | None = None, *, to_bytes: bool = True) -> Fold:
        """The fold, by the node that it packs and by what it is for."""
        key = (packed, to_bytes)
        found = self._folds.get(key)
        if found is None:
            writer = FoldWriter(self.shape, self.statements, packed=packed, to_bytes=to_bytes)
            found = self._folds[key] = writer.compile()
        return found

    # Sending

    def calls(self, binding: Binding, lookups: Iterable[Mapping[int, Any]], instant: datetime | None) -> PlanCalls:
        """The pipeline for one set of values and any number of requests' lookup keys."""
        keys = self.keys(lookups)
        values = {
            **binding.values,
            **{f"{index}.{KEYS}": self.key_array(index, found) for index, found in keys.items()},
            INSTANT: instant,
        }
        slots = [slot for slot, root in enumerate(self.roots) if root not in keys or keys[root]]
        fetches = [self.prepared[slot].call(values) for slot in slots]
        return PlanCalls([self.opening.call(self.heads, instant), *fetches, self.closing], slots)

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

    def steps(self, binding: Binding, rows: Mapping[int, Rows], instant: datetime, *, to_bytes: bool) -> Any:
        """The fold at work: a generator that ends with the roots' objects."""
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
        return self.fold(packed, to_bytes=to_bytes)(chunks_of(rows), instant, binding.sites, binding.pages)

    def data(self, found: Mapping[int, Any], lookups: Mapping[int, Any]) -> dict[str, Any]:
        """One request's data from the folded roots. Raises ``Deopt``."""
        return {key: root_value(root, found, lookups.get(place)) for place, (key, root) in enumerate(self.shape.roots)}


class PlanCalls:
    """A pipeline's calls: the opening, those of ``slots``, the closing."""

    __slots__ = ("calls", "slots")

    def __init__(self, calls: Sequence[Call], slots: Sequence[int]) -> None:
        self.calls = calls
        self.slots = slots

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
