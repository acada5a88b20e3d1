"""What a run over HTTP found: plain records, written as JSON as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import orjson

from benchmarks.http.wrk import Load


@dataclass(frozen=True, slots=True)
class Turn:
    """One contestant's turn in one round. cpu_seconds, statements: of its worker during the turn."""

    load: Load
    cpu_seconds: float
    statements: int | None

    @property
    def per_second(self) -> float:
        """Requests answered with what they asked for."""
        return self.answered / self.load.seconds

    @property
    def answered(self) -> int:
        """Requests that were not refused."""
        return max(1, self.load.requests - self.load.refused)

    @property
    def cpu_us(self) -> float:
        """Of the worker, per request answered: what refusing others took is in it."""
        return self.cpu_seconds / self.answered * 1e6


@dataclass(frozen=True, slots=True)
class Figures:
    """One contestant in one section with so many connections. Medians over rounds; times are milliseconds.

    body: bytes of an answer. requests: answered with that, in all rounds; per_second likewise.
    cpu_us: microseconds of CPU time of the worker, per request. busy: its share of a core; well below 1 with many
    connections, something else was the bottleneck, and only CPU times tell contestants apart. speed, speed_least:
    requests a second as a multiple of the reference's in the same round: median and least over the rounds. cpu:
    likewise its CPU time as a multiple.
    statements: a request, None where nobody counts. refused, broken: requests, of all rounds.
    """

    section: str
    contestant: str
    connections: int
    body: int
    rounds: int
    requests: int
    per_second: float
    cpu_us: float
    busy: float
    p50: float
    p99: float
    p999: float
    speed: float
    speed_least: float
    cpu: float
    statements: float | None
    refused: int
    broken: int


def figures(
    section: str, contestant: str, connections: int, body: int, turns: list[Turn], reference: list[Turn]
) -> Figures:
    """What one contestant's turns come to, beside the reference's in the same rounds."""
    pairs = list(zip(turns, reference, strict=True))
    speeds = [turn.per_second / other.per_second for turn, other in pairs]
    requests = sum(turn.answered for turn in turns)
    counted = [turn.statements for turn in turns if turn.statements is not None]
    return Figures(
        section=section,
        contestant=contestant,
        connections=connections,
        body=body,
        rounds=len(turns),
        requests=requests,
        per_second=median(turn.per_second for turn in turns),
        cpu_us=median(turn.cpu_us for turn in turns),
        busy=median(turn.cpu_seconds / turn.load.seconds for turn in turns),
        p50=median(turn.load.p50 for turn in turns),
        p99=median(turn.load.p99 for turn in turns),
        p999=median(turn.load.p999 for turn in turns),
        speed=median(speeds),
        speed_least=min(speeds),
        cpu=median(turn.cpu_us / other.cpu_us for turn, other in pairs),
        statements=sum(counted) / requests if counted else None,
        refused=sum(turn.load.refused for turn in turns),
        broken=sum(turn.load.broken for turn in turns),
    )


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Visitors while the store changes all the time, with and without hot refresh.

    hits: share of the requests that were answered from the response cache at once, by quarters of the second after a
    publish. p50, p99: milliseconds. publishes: writes that outdated every answer.
    """

    hot_refresh: bool
    publishes: int
    requests: int
    hits: tuple[float, float, float, float]
    p50: float
    p99: float

    @property
    def share(self) -> float:
        """Of the hits among the requests in the whole second."""
        return sum(self.hits) / len(self.hits)


@dataclass(slots=True)
class Results:
    """Everything a run found. machine: what it ran on, by name."""

    machine: dict[str, str]
    figures: list[Figures] = field(default_factory=list)
    refreshed: list[Refreshed] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def of(self, section: str, connections: int) -> list[Figures]:
        """Of one section and load, in the order of the contestants."""
        return [found for found in self.figures if (found.section, found.connections) == (section, connections)]
