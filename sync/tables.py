"""What SQL needs to know about a target: its table, columns, references and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from sync.rows import SyncedRow
from sync.targets import Target, TargetSet

KEPT_BY_SYNC = {field.name for field in SyncedRow._meta.get_fields()} | {"source"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: ``field`` holds the referenced external id in a staged row, ``column`` its id in the table."""

    field: str
    column: str
    kind: str
    table: str


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """Where changes of a target's rows are kept: ``row_column`` points at the row, ``columns`` repeat its columns."""

    table: str
    row_column: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A target in SQL's words. ``columns`` is field -> column of everything that a record may set, references apart."""

    target: Target
    table: str
    columns: Mapping[str, str]
    references: tuple[Reference, ...]
    history: HistoryTable | None
    names: Mapping[str, str]
    """Field -> its name in a staged row."""
    required: tuple[str, ...]
    """References that a row cannot do without."""

    @property
    def kind(self) -> str:
        """The kind of record that it takes."""
        return self.target.kind

    @property
    def reference_fields(self) -> str:
        """The fields of its references as an SQL array: what a staged row has beside columns."""
        return f"ARRAY[{', '.join(repr(reference.field) for reference in self.references)}]::text[]"

    def staged(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A target's row by column, references by field: what is staged. Raises TypeError for a field nobody has."""
        names = self.names
        try:
            return {names[name]: value for name, value in row.items()}
        except KeyError:
            unknown = ", ".join(name for name in row if name not in names)
            raise TypeError(f"the target of {self.kind!r} sets fields that {self.table} lacks: {unknown}") from None


def tables_of(targets: TargetSet, concerns: Sequence[str]) -> list[TargetTable]:
    """The tables of the targets that a stream confirming ``concerns`` writes, in publish order."""
    models_by_kind = {target.kind: target.model for target in targets.targets}
    return [describe(target, models_by_kind) for target in targets.targets if target.concern in concerns]


def describe(target: Target, models_by_kind: Mapping[str, type[SyncedRow]]) -> TargetTable:
    meta = target.model._meta
    references = tuple(
        Reference(name, column(target.model, name), kind, models_by_kind[kind]._meta.db_table)
        for name, kind in target.references.items()
    )
    columns = {
        found.name: found.column or found.name
        for found in meta.concrete_fields
        if not (found.primary_key or found.generated or found.name in KEPT_BY_SYNC or found.name in target.references)
    }
    names = {**columns, **{reference.field: reference.field for reference in references}}
    required = tuple(name for name in target.references if not meta.get_field(name).null)
    return TargetTable(target, meta.db_table, columns, references, describe_history(target), names, required)


def describe_history(target: Target) -> HistoryTable | None:
    if target.history is None:
        return None
    model = target.history.model
    columns = tuple(column(model, name) for name in target.history.columns)
    return HistoryTable(model._meta.db_table, column(model, target.history.row_field), columns)


def column(model: type[models.Model], field: str) -> str:
    """The column of ``field``."""
    found = model._meta.get_field(field)
    name = getattr(found, "column", None)
    if not isinstance(name, str):
        raise TypeError(f"{model.__name__}.{field} has no column")
    return name
