"""Deliveries of webhooks counted: how many, how long, by source and by what became of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from gateway.observing.families import Value
from gateway.observing.requests import BUCKETS
from gateway.observing.snapshots import Timing


class Deliveries:
    """Counts since the start of this process.

    Sources are those that take webhooks, and ``""`` for whatever else is asked for, so that labels are bounded.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._seconds: dict[str, float] = {}
        self._buckets: dict[str, list[int]] = {}

    def note(self, source: str, outcome: str, seconds: float) -> None:
        """One delivery, ``seconds`` after it came."""
        self.outcomes[source, outcome] += 1
        self._seconds[source] = self._seconds.get(source, 0.0) + seconds
        buckets = self._buckets.setdefault(source, [0] * (len(BUCKETS) + 1))
        buckets[bisect_left(BUCKETS, seconds)] += 1

    def read(self) -> Iterator[Value | Timing]:
        """The numbers so far."""
        for labels, count in self.outcomes.items():
            yield "larder_webhook_deliveries_total", labels, count
        for source, buckets in self._buckets.items():
            yield Timing("larder_webhook_seconds", (source,), self._seconds[source], buckets.copy())
