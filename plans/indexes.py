"""Whether the store has an index for a fetch's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Field, Model, TextField

from loaders.params import Param
from loaders.statement import Statement
from plans.tree import FetchNode, Node

if TYPE_CHECKING:
    from loaders.session import ReadSession

INDEXED = Statement(
    """
    SELECT count(*) FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = to_regclass(%s::text) AND a.attname = %s::text AND i.indisvalid
    """,
    (Param("table", TextField()), Param("column", TextField())),
    ("count",),
)


async def unsupported(session: ReadSession, node: Node) -> list[str]:
    """A warning for a node whose key column leads no index; [] for one that has it, or needs none."""
    found = key_column(node)
    if found is None:
        return []
    model, field = found
    table, column = model._meta.db_table, field.column
    [(count,)] = await session.rows(INDEXED, {"table": f'"{table}"', "column": column})
    return [] if count else [f"no index of {table} begins with its key {column}: every fetch reads the whole table"]


def key_column(node: Node) -> tuple[type[Model], Field[Any, Any]] | None:
    """The model and the field behind a node's key, None for a node without one."""
    if isinstance(node, FetchNode):
        if node.fetch.key_path is None:
            return None
        reached: Any = node.fetch.queryset().model
        path = node.fetch.key_path
    else:
        if node.key_path is None:
            return None
        reached, path = node.listing.model, node.key_path
    *steps, last = path.split("__")
    for step in steps:
        reached = reached._meta.get_field(step).related_model
    field = reached._meta.pk if last == "pk" else reached._meta.get_field(last)
    return None if isinstance(field, ArrayField) else (reached, field)
