"""What came of an hour of schedules, as the record of runs tells it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from rich.table import Table

OVERLAPS = """
WITH span AS (
    SELECT id, source || '/' || stream AS stream, started_at,
        state = 'SUPERSEDED' AND id <> ALL(%(cut)s) AS fenced, CASE
        WHEN id = ANY(%(cut)s) THEN least(finished_at, to_timestamp(%(killed_at)s))
        ELSE coalesce(finished_at, 'infinity') END AS ended_at FROM larder_sync_run
)
SELECT a.stream, a.id, b.id, a.fenced OR b.fenced FROM span a JOIN span b ON a.stream = b.stream
    AND a.id < b.id AND a.started_at < b.ended_at AND b.started_at < a.ended_at
ORDER BY a.id, b.id
"""
LAPSED = "SELECT count(*) FROM larder_sync_run WHERE state = 'SUPERSEDED' AND NOT id = ANY(%s)"
STATES = "SELECT state, count(*) FROM larder_sync_run WHERE started_at > to_timestamp(%s) GROUP BY state ORDER BY state"
STARTS = """
SELECT source || '/' || stream, extract(epoch FROM started_at)::float FROM larder_sync_run
WHERE started_at > to_timestamp(%s) ORDER BY started_at
"""


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a worker that was killed. ``at``: seconds since 1970, by the store's clock."""

    at: float
    cut: tuple[int, ...]
    """Runs that it had begun and not closed. Nobody runs them after its death, though the record closes them later."""
    streams: tuple[str, ...]
    """Streams whose jobs it had, ``source/stream``; some of them between two steps, with no run open."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two runs of a stream at once. fenced: one of them had lost its lease, so that it could not write."""

    stream: str
    runs: tuple[int, int]
    fenced: bool


def overlaps(connection: psycopg.Connection[Any], death: Death) -> list[Overlap]:
    """The pairs of runs of one stream that ran at once.

    A run lasts from its lease to its close, one that nobody closed for ever, one that was cut to its worker's death.
    """
    found = connection.execute(OVERLAPS, {"cut": list(death.cut), "killed_at": death.at})
    return [Overlap(stream, (first, second), fenced) for stream, first, second, fenced in found]


def lapsed(connection: psycopg.Connection[Any], death: Death) -> int:
    """Runs that lost their lease though nobody killed their worker."""
    [(count,)] = connection.execute(LAPSED, [list(death.cut)])
    return int(count)


def states(connection: psycopg.Connection[Any], since: float) -> dict[str, int]:
    """How many runs ended how, or have not."""
    return dict(connection.execute(STATES, [since]).fetchall())


def starts(connection: psycopg.Connection[Any], since: float) -> dict[str, list[float]]:
    """When runs began, the earliest first, by stream."""
    found: dict[str, list[float]] = {}
    for stream, at in connection.execute(STARTS, [since]):
        found.setdefault(stream, []).append(at)
    return found


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from each time at which a stream was due to the first run from then on, by source, the shortest first."""

    of_source: Mapping[str, Sequence[float]]
    missing: int
    """Times since which there was no run: they count with the seconds that they have waited."""

    @property
    def all(self) -> list[float]:
        return sorted(seconds for found in self.of_source.values() for seconds in found)

    def of_sources(self, part: float) -> list[float]:
        """The wait that ``part`` of each source's own do not exceed, the shortest first."""
        return sorted(share(found, part) for found in self.of_source.values())


def waits(dues: Iterable[tuple[str, int]], began: Mapping[str, Sequence[float]], now: float) -> Waits:
    """dues: stream and when it was due. began: when its runs did, the earliest first."""
    found: dict[str, list[float]] = {}
    missing = 0
    for stream, due in dues:
        runs = began.get(stream, ())
        place = bisect_left(runs, due)
        missing += place == len(runs)
        found.setdefault(stream.partition("/")[0], []).append((runs[place] if place < len(runs) else now) - due)
    return Waits({source: sorted(seconds) for source, seconds in found.items()}, missing)


def share(ordered: Sequence[float], part: float) -> float:
    """The smallest value that at least ``part`` of the ordered ones do not exceed."""
    return ordered[max(math.ceil(part * len(ordered)), 1) - 1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an hour. twice: requests of a document that was being asked for; again: seconds by stream."""

    death: Death
    overlaps: Sequence[Overlap]
    lapsed: int
    twice: int
    states: Mapping[str, int]
    waits: Waits
    again: Mapping[str, float | None]

    @property
    def kept(self) -> bool:
        """Whether the promises were kept."""
        return not self.overlaps and not self.twice and None not in self.again.values()

    def table(self, title: str, intervals: Mapping[str, int]) -> Table:
        """All of it. intervals: seconds between a stream's runs."""
        table = Table("", "", title=title)
        table.add_row("intervals, s", ", ".join(f"{stream} {interval}" for stream, interval in intervals.items()))
        table.add_row("runs", ", ".join(f"{state} {count:,}" for state, count in self.states.items()))
        fenced = sum(overlap.fenced for overlap in self.overlaps)
        table.add_row("pairs of runs of a stream at once", f"{len(self.overlaps)}, of which one was fenced: {fenced}")
        table.add_row("runs cut with their worker", str(len(self.death.cut)))
        table.add_row("leases lost by workers that live", str(self.lapsed))
        table.add_row("requests of the same document at once", str(self.twice))
        lags = self.waits.all
        table.add_row("times due, suppliers that answer", f"{len(lags):,}, without a run: {self.waits.missing}")
        for name, values in {
            "s from due to begun": lags,
            "p50 of each supplier": self.waits.of_sources(0.5),
            "p99 of each supplier": self.waits.of_sources(0.99),
        }.items():
            shown = (share(values, 0.5), share(values, 0.99), values[-1])
            table.add_row(f"{name}: p50, p99, longest", ", ".join(f"{lag:.2f}" for lag in shown))
        for stream, after in self.again.items():
            when = "not again" if after is None else f"again after {after:.1f} s"
            table.add_row(f"{stream}, of the killed worker", when)
        for overlap in self.overlaps:
            table.add_row(f"{overlap.stream}, twice at once", f"runs {overlap.runs[0]} and {overlap.runs[1]}")
        return table
