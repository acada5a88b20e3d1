"""What a run of the benchmark found: plain records, written as JSON as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Measurement:
    """One contestant on one operation, ``at_once`` requests in flight. Times are milliseconds.

    wall: from asking to the bytes. python_cpu: of the whole process, a request; median over requests, or over
    bursts when several are in flight. postgres_cpu: of the server's backends, mean a request; None where the
    operating system does not tell. statements: data statements a request. body: bytes, median.
    """

    operation: str
    contestant: str
    at_once: int
    requests: int
    wall_p50: float
    wall_p99: float
    python_cpu: float
    postgres_cpu: float | None
    statements: float
    body: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Operation D over lists of several sizes, for one contestant. Milliseconds.

    points: (items, wall, Python CPU), medians. slope: wall a further 1,000 items, least squares.
    """

    contestant: str
    points: tuple[tuple[int, float, float], ...]
    slope: float


@dataclass(frozen=True, slots=True)
class Burden:
    """What one request of an operation asks of the process beside time.

    longest_hold_ms: the longest time in which the event loop served nobody else; the least of several requests, as
    whatever else the machine does only adds to it. peak_bytes: Python memory at its peak above where it began
    (tracemalloc; what C libraries allocate by themselves does not show).
    """

    operation: str
    contestant: str
    longest_hold_ms: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Compiling:
    """The plan engine and operations it has not seen. first_ms, again_ms: medians of the first and the second answer.

    remembered: operations in the cache after ``distinct`` different ones. bytes_each: Python memory that one holds.
    """

    distinct: int
    first_ms: float
    again_ms: float
    remembered: int
    bytes_each: int


@dataclass(slots=True)
class Results:
    """Everything a run found. machine: what it ran on, by name. absent: contestants left out, and why."""

    machine: dict[str, str]
    absent: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    burdens: list[Burden] = field(default_factory=list)
    compiling: Compiling | None = None

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def of(self, operation: str, at_once: int) -> list[Measurement]:
        """The measurements of one operation, in the order of the contestants."""
        return [found for found in self.measurements if (found.operation, found.at_once) == (operation, at_once)]

    def find(self, operation: str, at_once: int, contestant: str) -> Any:
        """One measurement, or None."""
        return next((found for found in self.of(operation, at_once) if found.contestant == contestant), None)
