"""Metrics in the formats that Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from operator import add

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gateway.observing.families import FAMILIES, Family
from gateway.observing.requests import BUCKETS, Key
from gateway.observing.snapshots import Row, Snapshot

BOUNDS = [*(str(bound) for bound in BUCKETS), "+Inf"]

SUMMED: dict[str, Callable[[Row], tuple[tuple[str, ...], float]]] = {
    "larder_requests_total": lambda row: ((str(row.key.status), row.key.executor), sum(row.buckets)),
    "larder_statements_total": lambda row: ((row.key.executor,), row.statements),
    "larder_response_bytes_total": lambda row: ((), row.sent_bytes),
}
"""Counters that are told of requests: labels of a row, and what it adds."""

TIMED: dict[str, Callable[[Key], tuple[str, ...]]] = {
    "larder_request_seconds": lambda key: (key.operation, key.cache),
    "larder_client_request_seconds": lambda key: (key.client,),
}
"""Histograms of requests: labels of a key."""

SIZES = "larder_plan_group_members"


def exposed(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """The numbers as text and its media type, the one of Prometheus' formats that ``accept`` asks for."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Families(snapshot))
    encoder, media_type = choose_encoder(accept)
    return encoder(registry), media_type


class Families(Collector):
    """prometheus_client's view of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """Each family that has a number, in their order."""
        numbers: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        for name, labels, number in self.snapshot.values:
            numbers[name][labels] = number
        for name, read in SUMMED.items():
            for row in self.snapshot.rows:
                labels, number = read(row)
                numbers[name][labels] = numbers[name].get(labels, 0.0) + number
        for family in FAMILIES:
            if family.name in TIMED:
                labels_of = TIMED[family.name]
                yield timed(family, ((labels_of(row.key), row.seconds, row.buckets) for row in self.snapshot.rows))
            elif family.name == SIZES:
                yield sizes(family, self.snapshot.members)
            elif family.kind == "histogram":
                found = [timing for timing in self.snapshot.timings if timing.name == family.name]
                if found:
                    yield timed(family, ((timing.labels, timing.seconds, timing.buckets) for timing in found))
            elif family.name in numbers:
                yield plain(family, numbers[family.name])


def plain(family: Family, numbers: dict[tuple[str, ...], float]) -> Metric:
    """A counter or a gauge."""
    names = (*family.labels, "worker") if family.by_worker else family.labels
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(family.name, family.meaning, labels=names)
    for labels, number in numbers.items():
        metric.add_metric(labels, number)
    return metric


def timed(family: Family, durations: Iterable[tuple[tuple[str, ...], float, Sequence[int]]]) -> Metric:
    """A histogram of durations: labels, their sum in seconds, and how many were within each bound."""
    totals: dict[tuple[str, ...], tuple[float, list[int]]] = {}
    for labels, more, within in durations:
        seconds, buckets = totals.get(labels, (0.0, [0] * len(BOUNDS)))
        totals[labels] = (seconds + more, list(map(add, buckets, within)))
    metric = HistogramMetricFamily(family.name, family.meaning, labels=family.labels)
    for labels, (seconds, buckets) in totals.items():
        metric.add_metric(labels, cumulative(BOUNDS, buckets), seconds)
    return metric


def sizes(family: Family, counted: dict[int, int]) -> Metric:
    """A histogram of whole numbers, each a bound of its own."""
    metric = HistogramMetricFamily(family.name, family.meaning)
    bounds = sorted(counted)
    buckets = cumulative([*(str(float(bound)) for bound in bounds), "+Inf"], [*(counted[bound] for bound in bounds), 0])
    metric.add_metric((), buckets, float(sum(bound * count for bound, count in counted.items())))
    return metric


def cumulative(bounds: Sequence[str], counts: Sequence[int]) -> list[tuple[str, float]]:
    """Counts at or below each bound."""
    return list(zip(bounds, map(float, accumulate(counts)), strict=True))
