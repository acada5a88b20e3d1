"""Targets whose model has no index of (source, scope): every snapshot reads all rows of its source."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.written import written_models

SCOPE = {"source", "scope"}


def find(project: Project) -> Iterator[Found]:
    """Each model that a target writes."""
    for model in written_models():
        known = project.indexes.of(model)
        if known is None or any({*index.columns[:2]} == SCOPE for index in known.indexes):
            continue
        yield Found(
            project.model_place(model),
            model.__name__,
            f"no index of {model._meta.db_table} begins with source and scope ({known.by}): every publish of a "
            f"snapshot reads all rows of its source",
            'extend `SuppliedRow.Meta`, or give it `Index(fields=["source", "scope"])`',
        )
