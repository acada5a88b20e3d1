"""What models are filled from suppliers with: docs/suppliers.md, docs/suppliers/http-json.md."""

from __future__ import annotations

from sync.operations import TrackHead
from sync.rows import SuppliedRow, SyncedRow, synced_row_constraints
from sync.targets import Derived, Exclusive, History, Move, Population, Refused, Target, TargetSet

__all__ = [
    "Derived",
    "Exclusive",
    "History",
    "Move",
    "Population",
    "Refused",
    "SuppliedRow",
    "SyncedRow",
    "Target",
    "TargetSet",
    "TrackHead",
    "synced_row_constraints",
]
