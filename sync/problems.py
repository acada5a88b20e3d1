"""What a run refused to believe, kept for the operator up to a cap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg

KEPT = 500
"""Problems stored per run; the run's counters have them all."""
LENGTH = 400

SAVE = """
INSERT INTO larder_sync_problem (run_id, scope, kind, key, rule, value)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One problem: ``rule`` was broken by ``value``. ``kind`` is a record's, or ``document``, ``guard``, ``label``."""

    scope: str
    kind: str
    key: str | None
    rule: str
    value: str


@dataclass(slots=True)
class Problems:
    """The problems of one run. ``rows`` counts the rows that it does not take into the store.

    ``following`` are those among them that only refer to another one.
    """

    found: list[Found] = field(default_factory=list)
    rows: int = 0
    following: int = 0

    def add(self, problem: Found, *, rows: int = 0, follows: bool = False) -> None:
        """Keep ``problem``, which concerns ``rows`` rows."""
        self.rows += rows
        self.following += rows if follows else 0
        if len(self.found) < KEPT:
            self.found.append(problem)

    async def save(self, connection: psycopg.AsyncConnection[Any], run_id: int) -> None:
        """Store what was kept."""
        columns = [
            [legible(getattr(problem, name)) for problem in self.found]
            for name in ("scope", "kind", "key", "rule", "value")
        ]
        if self.found:
            await connection.execute(SAVE, [run_id, *columns])


def legible(text: str | None) -> str | None:
    """``text`` as PostgreSQL can store it, shortened."""
    return None if text is None else text.replace("\0", "␀")[:LENGTH]
