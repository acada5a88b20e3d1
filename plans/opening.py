"""The first statement of every pipeline: the snapshot's clock, and the heads that the operation depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import DateTimeField

from loaders.params import INSTANT, Param
from loaders.pipelines.calls import Call
from loaders.pipelines.encoding import PreparedCall, prepare
from loaders.stamps import HEADS, HEADS_PARAM, Tracking, versions_sql
from loaders.statement import Statement


class Opening:
    """Reads the operation instant and, from ``heads_table`` (columns name, value; several rows a head), the heads.

    tracking: which tables are tracked; None while that is not known, and then no answer can be kept.
    """

    def __init__(self, heads_table: str | None = None, tracking: Tracking | None = None) -> None:
        self.reads_heads = heads_table is not None
        self.heads_table = heads_table
        self.tracking = tracking
        self.prepared = prepare(opening_statement(heads_table, None))

    def names(self, names: Iterable[str]) -> tuple[str, ...]:
        """The heads behind tables, and behind heads named by themselves; sorted."""
        return tuple(sorted(set(names))) if self.tracking is None else self.tracking.heads_of(names)

    def uncacheable(self, names: Iterable[str]) -> str | None:
        """Why an answer that depends on these tables and heads cannot be kept; None where it can."""
        if not self.reads_heads or self.tracking is None:
            return "which tables are tracked is not known"
        name = self.tracking.untracked(names)
        return None if name is None else f"nobody tracks what is written to {name}"

    def call(self, heads: Sequence[str], instant: datetime | None, changing: PreparedCall | None = None) -> Call:
        """The call for these heads; ``instant`` where it is not the transaction's own.

        changing: the statement that also tells when rows change by the clock, made by ``with_changes``.
        """
        return (changing or self.prepared).call({INSTANT: instant, HEADS: list(heads)})

    def with_changes(self, changes: Statement) -> PreparedCall:
        """The statement that also evaluates ``changes``: one instant, null for never."""
        return prepare(opening_statement(self.heads_table, changes))

    def read(self, row: tuple[Any, ...], heads: Sequence[str]) -> tuple[datetime, dict[str, int], datetime | None]:
        """(operation instant, head -> version, first change of rows by the clock)."""
        versions = dict(zip(heads, row[1], strict=True)) if self.reads_heads else {}
        return row[0], versions, row[2] if len(row) > 2 else None  # noqa: PLR2004 - the third column


@lru_cache(maxsize=1024)
def opening_statement(heads_table: str | None, changes: Statement | None) -> Statement:
    """The SQL: instant, versions (null without a table of heads), changes if asked for."""
    parts, binds = ["%s::timestamptz"], [Param(INSTANT, DateTimeField())]
    if heads_table is not None:
        parts.append(versions_sql(heads_table))
        binds.append(HEADS_PARAM)
    elif changes is not None:
        parts.append("NULL")
    if changes is not None:
        parts.append(changes.text)
        binds += changes.binds
    return Statement(f"SELECT {', '.join(parts)}", tuple(binds), ("instant", "heads", "changes_at")[: len(parts)])
