"""What a fold knows of a connection while it runs: the page that a request asks for, and its total."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.listings import COUNT_CAP
from loaders.totals import estimated

Chunks = Callable[[int], Iterable[list[tuple[Any, ...]]]]
"""A statement's slot -> its rows, a slice at a time."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a request asks of one connection. mark: what its cursors carry."""

    size: int
    after: bool
    backward: bool
    mark: str

    def shown(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The page's rows in the order of the list."""
        shown = rows[: self.size]
        if self.backward:
            shown.reverse()
        return shown


def grouped(chunks: Iterable[list[tuple[Any, ...]]]) -> Iterable[tuple[Any, list[tuple[Any, ...]]]]:
    """Rows by their first value."""
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for rows in chunks:
        for row in rows:
            found.setdefault(row[0], []).append(row)
    return found.items()


def flat(chunks: Iterable[list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """All rows at once: for what is known to be short."""
    return [row for rows in chunks for row in rows]


def list_total(chunks: Chunks, slots: Sequence[int]) -> tuple[int, bool]:
    """(rows of the whole list, exact): counted up to the cap, estimated by the planner above."""
    [(count,)] = flat(chunks(slots[0]))
    if count <= COUNT_CAP:
        return count, True
    [(plan,)] = flat(chunks(slots[1]))
    return estimated(plan), False


def key_total(counts: Mapping[Any, int], key: Any) -> tuple[int, bool]:
    """(rows of one key's list, exact)."""
    count = counts.get(key, 0)
    return count, count <= COUNT_CAP
