"""Keysets: where a page of a list goes on, as one condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func

from loaders.params import Param


class RowCompare(Func):
    """``(a, b) > (x, y)``: one range of a composite index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[str], operator: str, values: Sequence[Param]) -> None:
        half = len(columns)
        self.pattern = f"({', '.join(['%s'] * half)}) {operator} ({', '.join(['%s'] * half)})"
        super().__init__(*(F(column) for column in columns), *values)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:  # type: ignore[override]  # noqa: ARG002 - Django's signature
        """Compile every side into the pattern."""
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, bound = compiler.compile(expression)
            parts.append(sql)
            params.extend(bound)
        return self.pattern % tuple(parts), params
