"""The fold: a generated function that turns the rows of every node into the objects of the response.

Children come first, so that each row finds its children's objects by key. The function is a generator: it yields
between slices of rows, so that the event loop is not held.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from loaders.changes import first_of, next_change
from loaders.cursors import encode_cursor
from plans.objects import INDENT, ObjectWriter, pack
from plans.paging import Chunks, flat, grouped, key_total, list_total
from plans.statements import PlanStatements
from plans.tree import ComputedValue, FetchNode, PageField, PageNode, Shape, Typename, View

Seen = set[tuple[Any, ...]] | list[tuple[Any, ...]]
"""The values of a computed field's columns, each at least once."""

Make = Callable[
    [Chunks, datetime, Sequence[Mapping[str, Any]], Mapping[int, Any], Sequence[Seen]],
    Generator[None, None, dict[int, Any]],
]


@dataclass(frozen=True, slots=True)
class Fold:
    """A fold. changing: the computed fields whose columns' values ``make`` collects in its last argument."""

    make: Make
    source: str
    changing: tuple[ComputedValue, ...] = ()

    def __call__(
        self, chunks: Chunks, now: datetime, arguments: Sequence[Mapping[str, Any]], pages: Mapping[int, Any]
    ) -> Folding:
        """The fold at work on one pipeline's rows."""
        seen: list[Seen] = [set() if value.hashes else [] for value in self.changing]
        return Folding(self, seen, now, arguments, self.make(chunks, now, arguments, pages, seen))


@dataclass(frozen=True, slots=True)
class Folding:
    """A fold at work: ``steps`` ends with the roots' objects by their nodes' indexes."""

    fold: Fold
    seen: Sequence[Seen]
    now: datetime
    arguments: Sequence[Mapping[str, Any]]
    steps: Generator[None, None, dict[int, Any]]

    def changes_at(self) -> datetime | None:
        """When the first of the computed values changes by the clock. After the last step. Raises ``ChangeUnknown``."""
        return first_of(
            *(
                next_change(value.computed, calls, self.given(value.arguments), self.now)
                for value, calls in zip(self.fold.changing, self.seen, strict=True)
            )
        )

    def given(self, site: int | None) -> Mapping[str, Any]:
        """The arguments of a computed field."""
        return {} if site is None else self.arguments[site]


class FoldWriter(ObjectWriter):
    """Writes the fold of one shape from the statements that its nodes have.

    packed: index of a node whose objects become JSON at once, so that no later step has all of them to write.
    """

    def __init__(
        self,
        shape: Shape,
        statements: PlanStatements,
        *,
        to_bytes: bool,
        packed: int | None = None,
        stamp: bool = False,
    ) -> None:
        super().__init__(to_bytes=to_bytes, stamp=stamp)
        self.shape = shape
        self.packed = packed
        self.statements = statements

    def compile(self) -> Fold:
        """The function, with its source."""
        for node in reversed(self.shape.nodes):
            if isinstance(node, FetchNode):
                self.fetch_node(node)
            else:
                self.page_node(node)
        self.write(
            "return {"
            + ", ".join(f"{node.index}: d{node.index}" for node in self.shape.nodes if node.parent is None)
            + "}"
        )
        memos = [f"{INDENT}{name} = {{}}" for name in self.memos]
        seen = [
            f"{INDENT}seen{place} = seen[{place}].{'add' if value.hashes else 'append'}"
            for place, value in enumerate(self.changing)
        ]
        source = "\n".join(["def fold(chunks, now, arguments, pages, seen):", *memos, *seen, *self.lines])
        exec(compile(source, "<fold>", "exec"), self.names)  # noqa: S102 - the source is written here, of declared names
        return Fold(self.names["fold"], source, tuple(self.changing))

    # Nodes

    def fetch_node(self, node: FetchNode) -> None:
        """The loop over one statement's rows."""
        names = {column: f"c{place}" for place, column in enumerate(self.statements.columns(node))}
        variables = "".join(f"c{place}, " for place in range(len(names))) or "_"
        at = node.index
        if node.fetch.empty_when_missing:
            self.missing(node, names)
        if node.fetch.key_path is None:
            self.write(f"d{at} = []")
        else:
            self.write(f"d{at} = {{}}")
            self.write(f"g{at} = d{at}.get")
            self.write("key = None")
        self.write(f"for rows in chunks({at}):")
        self.depth += 1
        self.write(f"for {variables} in rows:")
        self.depth += 1
        if node.fetch.key_path is not None and not node.fetch.many:
            self.write(f"if c0 in d{at}:")
            self.write(f"{INDENT}continue")
        made = self.object(node.view, names)
        if at == self.packed:
            self.names["pack"] = pack
            made = f"pack({made})"
        if node.order is not None:
            made = f"({names[node.order]}, {made})"
        if node.fetch.key_path is None:
            self.write(f"d{at}.append({made})")
        elif node.fetch.many:
            self.write("if c0 != key:")
            self.write(f"{INDENT}key = c0")
            self.write(f"{INDENT}add = d{at}.setdefault(c0, []).append")
            self.write(f"add({made})")
        else:
            self.write(f"d{at}[c0] = {made}")
        self.depth -= 1
        self.write("yield")
        self.depth -= 1

    def missing(self, node: FetchNode, names: Mapping[str, str]) -> None:
        """The object of a row of nulls, None where its type does not take them."""
        self.write(f"m{node.index} = None")
        self.write("try:")
        self.depth += 1
        for name in names.values():
            self.write(f"{name} = None")
        made = self.object(node.view, names)
        self.write(f"m{node.index} = {made}")
        self.depth -= 1
        self.write("except Exception:")
        self.write(f"{INDENT}pass")

    def page_node(self, node: PageNode) -> None:
        """A function from a page's rows to its connection, and the pages of every key."""
        at, columns = node.index, self.statements.columns(node)
        names = {column: f"c{place}" for place, column in enumerate(columns)}
        self.write(f"def p{at}(rows, total):")
        self.depth += 1
        self.write(f"page = pages[{at}]")
        self.write("shown = page.shown(rows)")
        parts = [f"{key!r}: {self.page_part(node, part, names)}" for key, part in node.fields]
        self.write("return {" + ", ".join(parts) + "}")
        self.depth -= 1
        self.names |= {"list_total": list_total, "key_total": key_total, "grouped": grouped, "flat": flat}
        if node.key_path is None:
            slots = self.statements.totals.get(at)
            total = f"list_total(chunks, {slots})" if slots else "None"
            self.write(f"d{at} = p{at}(flat(chunks({at})), {total})")
        else:
            total = "None"
            if node.counted:
                self.write(f"n{at} = dict(flat(chunks({self.statements.totals[at][0]})))")
                total = f"key_total(n{at}, key)"
            self.write(f"d{at} = {{}}")
            self.write(f"for key, rows in grouped(chunks({at})):")
            self.write(f"{INDENT}d{at}[key] = p{at}(rows, {total})")
            self.write(f"{INDENT}yield")
            self.write(f"def g{at}(key):")
            self.write(f"{INDENT}return d{at}.get(key) or p{at}([], {total})")
        self.write("yield")

    def page_part(self, node: PageNode, part: PageField | Typename, names: Mapping[str, str]) -> str:
        """One field of a connection."""
        if isinstance(part, Typename):
            return repr(part.name)
        if part.name == "total_count":
            return "total[0]"
        if part.name == "total_count_is_exact":
            return "total[1]"
        if part.name == "page_info":
            return "{" + ", ".join(f"{key!r}: {self.page_info(node, inner)}" for key, inner in part.parts) + "}"
        made = self.temporary()
        self.write(f"{made} = []")
        self.write(f"for {''.join(f'{name}, ' for name in names.values())} in shown:")
        self.depth += 1
        if part.name == "nodes":
            [(_, view)] = part.parts
            expression = self.object(cast("View", view), names)
        else:
            inner = [f"{key!r}: {self.edge_part(node, inner, names)}" for key, inner in part.parts]
            expression = "{" + ", ".join(inner) + "}"
        self.write(f"{made}.append({expression})")
        self.depth -= 1
        return made

    def edge_part(self, node: PageNode, part: str | Typename | View, names: Mapping[str, str]) -> str:
        """One field of an edge."""
        if isinstance(part, Typename):
            return repr(part.name)
        if isinstance(part, View):
            return self.object(part, names)
        self.names["encode_cursor"] = encode_cursor
        values = "".join(f"{names[column]}, " for column in node.listing.columns)
        return f"encode_cursor(page.mark, ({values}))"

    def page_info(self, node: PageNode, part: str | Typename | View) -> str:
        """One field of the page's information."""
        if isinstance(part, Typename):
            return repr(part.name)
        if part in {"start_cursor", "end_cursor"}:
            self.names["encode_cursor"] = encode_cursor
            first = 0 if node.key_path is None else 1
            width = len(node.listing.columns)
            row = f"shown[{0 if part == 'start_cursor' else -1}][{first}:{first + width}]"
            return f"encode_cursor(page.mark, {row}) if shown else None"
        more, resumed = "len(rows) > page.size", "page.after"
        if part == "has_next_page":
            return f"{resumed} if page.backward else {more}"
        return f"{more} if page.backward else {resumed}"
