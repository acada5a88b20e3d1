"""What the resolvers' answer turned out to depend on, noted while they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from strawberry.types import get_object_definition

from loaders.changes import Changes, first_of, next_change, silent_fetch, volatile
from loaders.resolutions import Column, Computed, Embedded
from loaders.rewrites import named_tables
from loaders.selection import fields

if TYPE_CHECKING:
    from graphql import SelectionSetNode

    from loaders.fetches import Fetch
    from loaders.statement import Statement


class Noted:
    """One operation's notes.

    names: tables that its statements name, and heads that its fetches and fields declare. changes: when rows of its
    fetches come and go. uncacheable: why the answer cannot be kept, the first reason; None where it can.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.changes: dict[Changes, None] = {}
        self.uncacheable: str | None = None
        self._calls: dict[tuple[int, str], tuple[Computed, Mapping[str, Any], set[tuple[Any, ...]]]] = {}
        self._embedded: set[Any] = set()
        self._parts: set[int] = set()
        self._selected: set[int] = set()

    def refuse(self, reason: str | None) -> None:
        """The answer cannot be kept, if there is a reason."""
        self.uncacheable = self.uncacheable or reason

    def statement(self, statement: Statement) -> None:
        """A statement was sent."""
        self.names |= named_tables(statement.text)
        self.refuse(volatile(statement.text))

    def fetch(self, fetch: Fetch) -> None:
        """Rows of a fetch were read."""
        self.names.update(fetch.heads)
        if fetch.changes is not None:
            self.changes[fetch.changes] = None
        elif fetch.reads_instant:
            self.refuse(silent_fetch(fetch))

    def computed(self, computed: Computed, values: tuple[Any, ...], arguments: Mapping[str, Any]) -> None:
        """A computed value was made, at the operation instant; the same values of its columns count once."""
        site = (id(computed), repr(arguments) if arguments else "")
        found = self._calls.get(site)
        if found is None:
            found = self._calls[site] = (computed, arguments, set())
        try:
            found[2].add(values)
        except TypeError:
            found[2].add(Once(values))

    def embedded(self, embedded: Embedded, info: Any) -> None:
        """An embedded object was made; of its parts only those that are selected count."""
        raw = info._raw_info  # noqa: SLF001 - strawberry keeps the AST nodes there
        nodes = raw.field_nodes
        place = (id(embedded), *map(id, nodes))
        if place not in self._embedded:
            self._embedded.add(place)
            sets = [node.selection_set for node in nodes if node.selection_set]
            self._parts.update(map(id, every_part(embedded)))
            for part in selected_parts(embedded, sets, raw.fragments, info.schema.config):
                self._selected.add(id(part))
                self.names.update(part.heads or ())

    def changes_at(self, instant: datetime) -> datetime | None:
        """The first change of any computed value. Raises ``ChangeUnknown``."""
        unselected = self._parts - self._selected
        return first_of(
            *(
                next_change(computed, calls, arguments, instant)
                for computed, arguments, calls in self._calls.values()
                if id(computed) not in unselected
            )
        )


class Once(tuple[Any, ...]):
    """Values that do not hash: each counts by itself."""

    __slots__ = ()

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def every_part(embedded: Embedded) -> Iterator[Column | Computed]:
    """The parts of an embedded object, and of those embedded in it."""
    for part in embedded.parts.values():
        if isinstance(part, Embedded):
            yield from every_part(part)
        else:
            yield part


def selected_parts(
    embedded: Embedded, sets: Iterable[SelectionSetNode], fragments: Mapping[str, Any], config: Any
) -> Iterator[Column | Computed]:
    """Those of the parts that are selected, whatever @skip and @include say."""
    below: dict[str, list[SelectionSetNode]] = {}
    for node in fields(sets, dict(fragments)):
        below.setdefault(node.name.value, []).extend([node.selection_set] if node.selection_set else [])
    for field in get_object_definition(embedded.as_type, strict=True).fields:
        name = config.name_converter.get_graphql_name(field)
        part = embedded.parts.get(field.python_name)
        if name not in below or part is None:
            continue
        if isinstance(part, Embedded):
            yield from selected_parts(part, below[name], fragments, config)
        else:
            yield part
