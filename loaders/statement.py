"""A statement: SQL that Django's compiler wrote once, with named places for values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loaders.params import Param

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """SQL text with ``%s`` places, what stands in each place, and the names of the columns that come back."""

    text: str
    binds: tuple[Any, ...]
    columns: tuple[str, ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """One value per place, in order. Enum members are bound by their value."""
        return [plain(values[bind.name]) if isinstance(bind, Param) else bind for bind in self.binds]


def compile_queryset(queryset: QuerySet[Any, Any], columns: tuple[str, ...]) -> Statement:
    """Compile ``queryset`` to select exactly ``columns`` (ORM paths or annotations, no repetition).

    Where only the number of rows counts, they have one column all the same: of none Django would make all of them, and
    groups would fall apart.
    """
    selected = columns or queryset.query.values_select[:1] or ("pk",)
    text, binds = queryset.values_list(*selected).query.sql_with_params()
    return Statement(text, tuple(binds), columns)


def with_limit(statement: Statement, limit: Param) -> Statement:
    """The same statement, cut to ``limit`` rows (Django compiles only literal limits)."""
    return Statement(f"{statement.text} LIMIT %s", (*statement.binds, limit), statement.columns)


def plain(value: Any) -> Any:
    """The database's form of an argument: an enum member's value, lists item by item."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
