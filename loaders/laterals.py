"""Lateral statements: a statement about one key, run for every key at once.

PostgreSQL's ``LATERAL`` (Queries, Table Expressions, LATERAL Subqueries) lets the statement name the key, so that a
LIMIT in it counts per key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Expression, Field, ForeignKey, Model
from django.db.models.sql import Query

from loaders.rows import KEY
from loaders.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


class KeyAtHand(Expression):
    """Within a lateral statement: the key that it runs for."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # noqa: ARG002 - the protocol's signature
        """Name the key's column of the outer statement."""
        return f"keys_.{KEY}", []


def field_at(model: type[Model], path: str) -> Field[Any, Any]:
    """The model field behind the ORM path ``path`` (``author_id``, ``shelf__room_id``)."""
    reached: Any = model
    *steps, last = path.split("__")
    for step in steps:
        reached = reached._meta.get_field(step).related_model
    found: Field[Any, Any] = reached._meta.pk if last == "pk" else reached._meta.get_field(last)
    return found


def key_at_hand(field: Field[Any, Any]) -> KeyAtHand:
    """The key at hand, to be compared with ``field``."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return KeyAtHand(output_field=field)


def for_each_key(keys: Expression, inner: Statement, order: Sequence[str] = ()) -> Statement:
    """``inner``, a statement over ``KeyAtHand``, for each of ``keys``; the first column that comes back is the key.

    keys: an expression that yields an array. Keys that stand in it twice, or are null, count once or not at all.
    order: one direction for each of ``inner``'s first columns; rows come by key, then in that order.
    """
    text, binds = compiled(keys)
    names = [f"c{number}" for number in range(len(inner.columns))]
    ordered = "".join(f", rows_.{name} {direction}" for name, direction in zip(names, order, strict=False))
    return Statement(
        f"SELECT keys_.{KEY}, rows_.* FROM (SELECT DISTINCT unnest({text})) AS keys_({KEY}) "
        f"CROSS JOIN LATERAL ({inner.text}) AS rows_({', '.join(names)}) ORDER BY keys_.{KEY}{ordered}",
        (*binds, *inner.binds),
        (KEY, *inner.columns),
    )


def compiled(expression: Expression) -> tuple[str, tuple[Any, ...]]:
    """SQL of an expression that refers to no table around it, and what stands in its places."""
    text, binds = Query(None).get_compiler(DEFAULT_DB_ALIAS).compile(expression)
    return text, tuple(binds)
