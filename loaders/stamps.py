"""What an answer was true under: versions of the store, the instant, and how long the clock leaves it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField

from loaders.params import Param

HEADS = "heads"
"""Name of the parameter that holds the heads whose versions are read."""

HEADS_PARAM = Param(HEADS, ArrayField(TextField()))


@dataclass(frozen=True, slots=True)
class Stamp:
    """An answer with this stamp stays true while no head of ``heads`` has another version, and before ``changes_at``.

    heads: head -> version, as read in the answer's snapshot. instant: the operation instant. changes_at: the first
    instant at which a value of the answer may change by the clock alone, later than ``instant``; None: never.
    """

    heads: Mapping[str, int]
    instant: datetime
    changes_at: datetime | None


@dataclass(frozen=True)
class Tracking:
    """Which writers tell that they have written.

    heads_table: where versions are kept (columns name, value; several rows a head). tables: table -> the heads that
    every writer of it bumps. A head ``table.columns`` counts what changes in these columns alone: who reads other
    columns of the table does not depend on it.
    """

    heads_table: str
    tables: Mapping[str, tuple[str, ...]]

    @cached_property
    def heads_by_table(self) -> Mapping[str, tuple[str, ...]]:
        """Table -> its heads without those of single columns."""
        return {
            table: tuple(head for head in heads if not head.startswith(f"{table}."))
            for table, heads in self.tables.items()
        }

    @cached_property
    def known(self) -> frozenset[str]:
        """Every head that somebody bumps."""
        return frozenset(head for heads in self.tables.values() for head in heads)

    def heads_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The heads of tables and of heads named by themselves, sorted. Untracked names are themselves."""
        found: set[str] = set()
        for name in names:
            found.update(self.heads_by_table.get(name) or (name,))
        return tuple(sorted(found))

    def untracked(self, names: Iterable[str]) -> str | None:
        """One of the names that nobody tracks, the first of them; None where there is none."""
        return min(
            (name for name in names if not self.heads_by_table.get(name) and name not in self.known), default=None
        )


def versions_sql(heads_table: str) -> str:
    """An SQL expression, with a place for ``HEADS_PARAM``: the heads' versions as an array, in the order asked for."""
    return (
        f"ARRAY(SELECT (SELECT COALESCE(sum(value), 0) FROM {heads_table} WHERE name = wanted.name)::bigint"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS wanted(name, place) ORDER BY place)"
    )
