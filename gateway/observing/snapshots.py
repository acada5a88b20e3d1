"""What one worker has counted, as it is passed on to the worker that is asked for metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add

import msgspec

from gateway.observing.families import BY_NAME, Value
from gateway.observing.requests import BUCKETS, Key, Requests


class Row(msgspec.Struct, array_like=True, frozen=True):
    """Requests of one ``gateway.observing.requests.Key``."""

    key: Key
    seconds: float
    sent_bytes: int
    statements: int
    buckets: list[int]


class Timing(msgspec.Struct, array_like=True, frozen=True):
    """A histogram of durations. name: its family's. labels: their values. buckets: as of a ``Row``."""

    name: str
    labels: tuple[str, ...]
    seconds: float
    buckets: list[int]


Reading = Callable[[], Iterable[Value | Timing]]
"""What some part of the gateway has counted so far, or holds at the moment."""


class Snapshot(msgspec.Struct, frozen=True):
    """The numbers of one worker. rows: its requests. members: groups by size. values, timings: everything else."""

    worker: int
    rows: list[Row]
    values: list[Value]
    members: dict[int, int] = {}
    timings: list[Timing] = []


def take(worker: int, requests: Requests, readings: Sequence[Reading], members: Mapping[int, int]) -> Snapshot:
    """The numbers of this process as they are."""
    rows = [
        Row(key, total.seconds, total.sent_bytes, total.statements, total.buckets.copy())
        for key, total in requests.totals.items()
    ]
    values: list[Value] = [("larder_errors_total", (code,), float(count)) for code, count in requests.codes.items()]
    timings: list[Timing] = []
    for told in (told for reading in readings for told in reading()):
        if isinstance(told, Timing):
            timings.append(told)
        else:
            values.append(told)
    return Snapshot(worker, rows, values, dict(members), timings)


def merged(snapshots: Sequence[Snapshot], alive: Callable[[int], bool]) -> Snapshot:
    """The numbers of all workers as one. Of a worker that is gone its counters stay, or they would run backwards."""
    rows: dict[Key, Row] = {}
    values: dict[tuple[str, tuple[str, ...]], float] = {}
    members: dict[int, int] = {}
    timings: dict[tuple[str, tuple[str, ...]], Timing] = {}
    for snapshot in snapshots:
        for row in snapshot.rows:
            rows[row.key] = together(rows[row.key], row) if row.key in rows else row
        for size, count in snapshot.members.items():
            members[size] = members.get(size, 0) + count
        for timing in snapshot.timings:
            which = timing.name, timing.labels
            timings[which] = as_one(timings[which], timing) if which in timings else timing
        gone = not alive(snapshot.worker)
        for name, labels, number in snapshot.values:
            family = BY_NAME[name]
            if gone and family.kind == "gauge":
                continue
            told = (*labels, str(snapshot.worker)) if family.by_worker else labels
            values[name, told] = values.get((name, told), 0.0) + number
    found = [(name, labels, number) for (name, labels), number in values.items()]
    return Snapshot(0, list(rows.values()), found, members, list(timings.values()))


def together(one: Row, other: Row) -> Row:
    """Both, which are of one key."""
    return Row(
        one.key,
        one.seconds + other.seconds,
        one.sent_bytes + other.sent_bytes,
        one.statements + other.statements,
        added(one.buckets, other.buckets),
    )


def as_one(one: Timing, other: Timing) -> Timing:
    """Both, which are of one name and of the same labels."""
    return Timing(one.name, one.labels, one.seconds + other.seconds, added(one.buckets, other.buckets))


def added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Counts by bucket of both. Raises ``ValueError`` where these are other buckets."""
    if not len(one) == len(other) == len(BUCKETS) + 1:
        raise ValueError(f"rows of {len(one)} and {len(other)} buckets")
    return list(map(add, one, other))
