"""What one worker has counted, as it is passed on to the worker that is asked for metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add

import msgspec

from gateway.observing.families import BY_NAME, Value
from gateway.observing.requests import BUCKETS, Key, Requests

Reading = Callable[[], Iterable[Value]]
"""What some part of the gateway has counted so far, or holds at the moment."""


class Row(msgspec.Struct, array_like=True, frozen=True):
    """Requests of one ``gateway.observing.requests.Key``."""

    key: Key
    seconds: float
    sent_bytes: int
    statements: int
    buckets: list[int]


class Snapshot(msgspec.Struct, frozen=True):
    """The numbers of one worker. rows: its requests. values: everything else. members: groups by size."""

    worker: int
    rows: list[Row]
    values: list[Value]
    members: dict[int, int] = {}


def take(worker: int, requests: Requests, readings: Sequence[Reading], members: Mapping[int, int]) -> Snapshot:
    """The numbers of this process as they are."""
    rows = [
        Row(key, total.seconds, total.sent_bytes, total.statements, total.buckets.copy())
        for key, total in requests.totals.items()
    ]
    values = [("larder_errors_total", (code,), float(count)) for code, count in requests.codes.items()]
    return Snapshot(worker, rows, values + [value for reading in readings for value in reading()], dict(members))


def merged(snapshots: Sequence[Snapshot], alive: Callable[[int], bool]) -> Snapshot:
    """The numbers of all workers as one. Of a worker that is gone its counters stay, or they would run backwards."""
    rows: dict[Key, Row] = {}
    values: dict[tuple[str, tuple[str, ...]], float] = {}
    members: dict[int, int] = {}
    for snapshot in snapshots:
        for row in snapshot.rows:
            rows[row.key] = together(rows[row.key], row) if row.key in rows else row
        for size, count in snapshot.members.items():
            members[size] = members.get(size, 0) + count
        gone = not alive(snapshot.worker)
        for name, labels, number in snapshot.values:
            family = BY_NAME[name]
            if gone and family.kind == "gauge":
                continue
            told = (*labels, str(snapshot.worker)) if family.by_worker else labels
            values[name, told] = values.get((name, told), 0.0) + number
    return Snapshot(
        0, list(rows.values()), [(name, labels, number) for (name, labels), number in values.items()], members
    )


def together(one: Row, other: Row) -> Row:
    """Both, which are of one key."""
    if not len(one.buckets) == len(other.buckets) == len(BUCKETS) + 1:
        raise ValueError(f"rows of {len(one.buckets)} and {len(other.buckets)} buckets")
    return Row(
        one.key,
        one.seconds + other.seconds,
        one.sent_bytes + other.sent_bytes,
        one.statements + other.statements,
        list(map(add, one.buckets, other.buckets)),
    )
