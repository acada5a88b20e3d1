"""Which indexes tables have: as the store tells, or, where none answers, as the models declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import PostgresIndex
from django.db.models import F, Index, Model, UniqueConstraint

STORED = r"""
SELECT c.relname, c.relkind::text, i.indisunique, i.indpred IS NOT NULL, m.amname, ARRAY(
    SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0
    WHERE k.place <= i.indnkeyatts ORDER BY k.place
)
FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisvalid
LEFT JOIN pg_class x ON x.oid = i.indexrelid LEFT JOIN pg_am m ON m.oid = x.relam
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND pg_table_is_visible(c.oid)
ORDER BY c.relname
"""
ORDERED = "btree"
TABLES = {"r", "p", "m"}
"""Relations that can have indexes. What a view or a foreign table costs is told elsewhere."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """One index. columns: in order, "" for an expression. partial: of some rows alone."""

    columns: tuple[str, ...]
    unique: bool = False
    partial: bool = False
    method: str = ORDERED


@dataclass(frozen=True, slots=True)
class Known:
    """The indexes of one table, and who tells of them."""

    indexes: tuple[Indexed, ...]
    by: str

    def leads(self, column: str) -> bool:
        """Whether an index begins with the column."""
        return any(index.columns[:1] == (column,) for index in self.indexes)


class Indexes(Protocol):
    """``by``: who tells. ``of``: the indexes of a model's table, None where nobody can know."""

    by: str

    def of(self, model: type[Model]) -> Known | None: ...


class DeclaredIndexes:
    """As the models declare."""

    by = "as the models declare"

    def of(self, model: type[Model]) -> Known | None:
        """Those of a model that Django manages."""
        return Known(tuple(declared(model)), self.by) if model._meta.managed else None


class StoredIndexes:
    """As the store tells; a table that it lacks has those that its model declares."""

    by = "as the store tells"

    def __init__(self, tables: Mapping[str, tuple[Indexed, ...] | None]) -> None:
        self.tables = tables

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> StoredIndexes:
        """Of every table that the connection sees."""
        tables: dict[str, tuple[Indexed, ...] | None] = {}
        for table, kind, unique, partial, method, columns in connection.execute(STORED).fetchall():
            known = tables.setdefault(table, () if kind in TABLES else None)
            if known is not None and method is not None:
                tables[table] = (*known, Indexed(tuple(columns), unique, partial, method))
        return cls(tables)

    def of(self, model: type[Model]) -> Known | None:
        """Those of the model's table."""
        table = model._meta.db_table
        if table not in self.tables:
            return DeclaredIndexes().of(model)
        found = self.tables[table]
        return None if found is None else Known(found, self.by)


def declared(model: type[Model]) -> Iterator[Indexed]:
    """What migrations would make of the model's fields and Meta."""
    meta: Any = model._meta
    keys = getattr(meta, "pk_fields", None) or [meta.pk]
    yield Indexed(tuple(key.column for key in keys), unique=True)
    for field in meta.local_concrete_fields:
        if field.unique:
            yield Indexed((field.column,), unique=True)
        elif getattr(field, "db_index", False):
            yield Indexed((field.column,))
    for names in meta.unique_together:
        yield Indexed(columns_of(model, names), unique=True)
    for index in meta.indexes:
        named = columns_of(model, [path.lstrip("-") for path in index.fields])
        method = index.suffix if isinstance(index, PostgresIndex) else ORDERED
        yield Indexed(named or expressed(model, index), partial=index.condition is not None, method=method)
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            named = columns_of(model, constraint.fields) or expressed(model, constraint)
            yield Indexed(named, unique=True, partial=constraint.condition is not None)
        elif isinstance(constraint, ExclusionConstraint):
            parts = tuple(column_of(model, part) for part, _ in constraint.expressions)
            yield Indexed(parts, partial=constraint.condition is not None, method=constraint.index_type.lower())


def expressed(model: type[Model], index: Index | UniqueConstraint) -> tuple[str, ...]:
    """The columns of an index that is declared by expressions."""
    return tuple(column_of(model, expression) for expression in index.expressions)


def columns_of(model: type[Model], names: Any) -> tuple[str, ...]:
    return tuple(column_of(model, name) for name in names)


def column_of(model: type[Model], part: Any) -> str:
    """The column that a part of an index is, in whatever order or class of operators; "" for a computed one."""
    while not isinstance(part, str | F) and plain(part):
        [part] = part.get_source_expressions()
    name = getattr(part, "name", None) if isinstance(part, F) else part
    field: Any = model._meta.get_field(name) if isinstance(name, str) else None
    return "" if field is None else str(field.column)


def plain(expression: Any) -> bool:
    """Whether an expression only says how its one column is compared."""
    kinds = {"OrderBy", "OpClass", "Collate", "IndexExpression", "ExclusionConstraintExpression"}
    return type(expression).__name__ in kinds and len(expression.get_source_expressions()) == 1
