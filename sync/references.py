"""References that a row cannot do without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.tables import TargetTable
from sync.targets import Refused


def check_references(table: TargetTable, row: Mapping[str, Any]) -> None:
    """Raise ``Refused`` for a row that does not say what it is of. In SPARSE scopes the store says it instead."""
    if missing := [name for name in table.required if row.get(name) is None]:
        told = ", ".join(f"{name} {row.get(name)!r}" for name in table.required)
        raise Refused(f"{table.kind} must name its {' and its '.join(missing)}, but in a sparse stream", told)
