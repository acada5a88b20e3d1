"""Resolutions: how a field gets its value. Data that both executors can read; no field has code of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

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
    """The value of one column, or of a path over forward foreign keys (``confirmation__as_of``)."""

    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        """That column."""
        return (self.name,)

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the protocol's signature
        """The value as it came from the database."""
        return getattr(row, self.name)


@dataclass(frozen=True, slots=True)
class Computed:
    """A pure function of columns, arguments and, if it asks for it, the operation instant.

    Called as ``function(*columns, **arguments)``, with ``instant=`` when ``reads_instant``. plain: the column whose
    value it is where no argument has a value; the function is not called then.
    """

    function: Callable[..., Any]
    columns: tuple[str, ...]
    reads_instant: bool = False
    plain: str | None = None

    def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """The function's value."""
        if self.plain is not None and all(value is None for value in arguments.values()):
            return getattr(row, self.plain)
        values = [getattr(row, column) for column in self.columns]
        if self.reads_instant:
            return self.function(*values, **arguments, **{INSTANT: info.context.session.instant})
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
        if self.unless_null and all(getattr(row, column) is None for column in self.unless_null):
            return None
        return self.as_type(**{name: part.resolve(row, info, {}) for name, part in self.parts.items()})
