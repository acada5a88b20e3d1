"""Resolutions: how a field gets its value. Data that both executors can read; no field has code of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from django.db.models import Model

from loaders.params import INSTANT


@runtime_checkable
class Resolution(Protocol):
    """``columns`` are what it reads of the row at hand; ``resolve`` may return an awaitable.

    ``info`` is strawberry's, or None for a field that strawberry resolves without one.
    """

    @property
    def columns(self) -> tuple[str, ...]: ...

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Column:
    """The value of one column, or of a path over forward foreign keys (``confirmation__as_of``).

    heads: what it depends on beyond the tables on its way; None: as the column's model says (``column_heads``).
    """

    name: str
    heads: tuple[str, ...] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """That column."""
        return (self.name,)

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """The value as it came from the database."""
        if self.heads:
            note_heads(self, info)
        return getattr(row, self.name)

    def part(self, row: Any, info: Any) -> Any:  # noqa: ARG002 - as of other parts
        """The value as a part of an embedded object."""
        return getattr(row, self.name)


@dataclass(frozen=True, slots=True)
class Computed:
    """A pure function of columns, arguments and, if it asks for it, the operation instant.

    Called as ``function(*columns, **arguments)``, with ``instant=`` when ``reads_instant``. plain: the column whose
    value it is where no argument has a value; the function is not called then.

    changes_at: called as the function is; the first instant after the operation instant at which the value is another
    one by the clock alone, or an earlier one, None for never. Without it an answer with the value cannot be kept.
    heads: what it depends on beyond the tables of its columns; None: as the columns' models say (``column_heads``).
    """

    function: Callable[..., Any]
    columns: tuple[str, ...]
    reads_instant: bool = False
    plain: str | None = None
    changes_at: Callable[..., datetime | None] | None = None
    heads: tuple[str, ...] | None = None

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """The function's value."""
        if self.heads:
            note_heads(self, info)
        return self.value(row, info, arguments)

    def part(self, row: Any, info: Any) -> Any:
        """The value as a part of an embedded object."""
        return self.value(row, info, {})

    def value(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """The function's value. Notes what decides when it changes."""
        if self.plain is not None and all(value is None for value in arguments.values()):
            return getattr(row, self.plain)
        values = [getattr(row, column) for column in self.columns]
        if self.reads_instant:
            session = info.context.session
            if session.noted is not None:
                session.noted.computed(self, tuple(values), arguments)
            return self.function(*values, **arguments, **{INSTANT: session.instant})
        return self.function(*values, **arguments)


@dataclass(frozen=True, slots=True)
class Embedded:
    """An object made of the same row: its type's fields from columns or computed values.

    ``parts``: the type's Python field names -> resolutions. ``unless_null``: None instead of the object where every
    one of these columns is null; () means always an object.
    """

    as_type: Callable[..., Any]
    parts: Mapping[str, Column | Computed | Embedded]
    unless_null: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of every part."""
        found = dict.fromkeys(self.unless_null)
        for part in self.parts.values():
            found.update(dict.fromkeys(part.columns))
        return tuple(found)

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """The object, or None."""
        noted = info.context.session.noted
        if noted is not None:
            noted.embedded(self, info)
        return self.part(row, info)

    def part(self, row: Any, info: Any) -> Any:
        """The object as a part of another."""
        if self.unless_null and all(getattr(row, column) is None for column in self.unless_null):
            return None
        return self.as_type(**{name: part.part(row, info) for name, part in self.parts.items()})


def note_heads(resolution: Column | Computed, info: Any) -> None:
    """Tell the read session that the answer depends on the resolution's heads, if it wants to know."""
    noted = info.context.session.noted
    if noted is not None:
        noted.names.update(resolution.heads or ())


def with_heads(resolution: Any, model: type[Model]) -> Any:
    """The same resolution with the heads that its columns' models say, where it does not say them itself."""
    if isinstance(resolution, Embedded):
        parts = {name: with_heads(part, model) for name, part in resolution.parts.items()}
        return replace(resolution, parts=parts) if parts != dict(resolution.parts) else resolution
    if type(resolution) in (Column, Computed) and resolution.heads is None:
        found = dict.fromkeys(head for column in resolution.columns if (head := head_of(model, column)))
        return replace(resolution, heads=tuple(found)) if found else resolution
    return resolution


def head_of(model: type[Model], path: str) -> str | None:
    """The head of its own that the column at the end of a path has, None without one.

    A model names such columns in an attribute ``column_heads``: column -> head.
    """
    *steps, last = path.split("__")
    found: Any = model
    for step in steps:
        field = next((field for field in found._meta.get_fields() if field.name == step), None)
        found = getattr(field, "related_model", None)
        if found is None:
            return None
    head: str | None = getattr(found, "column_heads", {}).get(last)
    return head
