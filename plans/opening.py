"""The first statement of every pipeline: the snapshot's clock, and the heads that the operation depends on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateTimeField, TextField

from loaders.params import INSTANT, Param
from loaders.pipelines.calls import Call
from loaders.pipelines.encoding import prepare
from loaders.statement import Statement

HEADS = "heads"


class Opening:
    """Reads the operation instant and, from ``heads_table`` (columns name, value; several rows a head), the heads."""

    def __init__(self, heads_table: str | None = None) -> None:
        self.reads_heads = heads_table is not None
        text, binds = "SELECT %s::timestamptz", [Param(INSTANT, DateTimeField())]
        if heads_table is not None:
            text += (
                f", ARRAY(SELECT (SELECT COALESCE(sum(value), 0) FROM {heads_table} WHERE name = wanted.name)::bigint"
                " FROM unnest(%s::text[]) WITH ORDINALITY AS wanted(name, place) ORDER BY place)"
            )
            binds.append(Param(HEADS, ArrayField(TextField())))
        self.prepared = prepare(Statement(text, tuple(binds), ("instant", "heads")[: len(binds)]))

    def call(self, heads: Sequence[str], instant: datetime | None) -> Call:
        """The call for these heads; ``instant`` where it is not the transaction's own."""
        return self.prepared.call({INSTANT: instant, HEADS: list(heads)})

    def read(self, row: tuple[Any, ...], heads: Sequence[str]) -> tuple[datetime, dict[str, int]]:
        """(operation instant, head -> version)."""
        return row[0], dict(zip(heads, row[1], strict=True)) if self.reads_heads else {}
