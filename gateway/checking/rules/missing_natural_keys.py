"""Targets whose model has no unique index of exactly (source, external_id): every publish to them fails."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.written import written_models

KEY = {"source", "external_id"}


def find(project: Project) -> Iterator[Found]:
    """Each model that a target writes."""
    for model in written_models():
        known = project.indexes.of(model)
        if known is None or any(
            index.unique and not index.partial and set(index.columns) == KEY for index in known.indexes
        ):
            continue
        yield Found(
            project.model_place(model),
            model.__name__,
            f"no unique index of {model._meta.db_table} is that of source and external_id ({known.by}): no run can "
            f"publish its rows",
            "extend `SuppliedRow.Meta`, or put `*synced_row_constraints()` among its constraints",
        )
