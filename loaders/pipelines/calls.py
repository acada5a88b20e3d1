"""What a lane sends in one pipeline, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A statement with ``$n`` places. ``name``: a digest of text and types, so every lane knows it by the same name.

    oids: the declared type of each place; 0 lets PostgreSQL infer it from the cast around the place.
    """

    name: bytes
    sql: bytes
    oids: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One execution of a statement. values: encoded, None for NULL. formats: 0 for text, 1 for binary."""

    statement: Prepared
    values: Sequence[bytes | None]
    formats: Sequence[int]


class Rows(Protocol):
    """Rows of one call, still encoded: decoding them is the reader's time, in slices of the reader's size."""

    @property
    def count(self) -> int:
        """How many there are."""

    def load(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        """Decode rows ``start`` to ``stop`` (exclusive); any number of times, also after the lane is lost.

        Raises ``psycopg.DataError`` for a value that Python cannot hold, such as a date after the year 9999.
        """


class PipelineLane(Protocol):
    """A connection that runs one pipeline at a time."""

    @property
    def lost(self) -> bool:
        """Whether the connection is gone, by either side's doing."""

    @property
    def opened_at(self) -> float:
        """When it was connected, in the event loop's time."""

    async def run(self, calls: Sequence[Call], *, hold: bool = False) -> list[Rows]:
        """One snapshot, one round trip; the rows of each call, in order.

        hold: leave the snapshot open, until ``rollback``. A failed or cancelled pipeline leaves the lane ready for the
        next one, or lost. Raises psycopg's errors; ``OperationalError`` with ``lost`` once the connection is gone.
        """

    async def rollback(self) -> None:
        """End the snapshot that was held open."""

    async def settled(self) -> None:
        """Wait until the lane is ready for the next pipeline, or lost: at once, unless a ``run`` was cancelled."""

    async def close(self) -> None:
        """Close the connection."""


MakeCalls = Callable[[], Sequence[Call]]
