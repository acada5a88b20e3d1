"""Fetches by a column that leads no index: each of them reads the whole table."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """Each column, where its model declares it."""
    for read in project.reads:
        for model, field in read.keys:
            known = project.indexes.of(model)
            if known is None or known.leads(field.column):
                continue
            table = model._meta.db_table
            yield Found(
                project.model_place(model, field),
                read.name,
                f"no index of {table} begins with {field.column} ({known.by}): every such fetch reads the whole table",
                f"give {model.__name__}.{field.name} `db_index=True`, or {model.__name__} an index that begins with it",
            )
