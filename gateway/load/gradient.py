"""The limit on executions at once, found from how much slower they are than without load.

After Netflix's concurrency-limits (``GradientLimit``: https://github.com/Netflix/concurrency-limits) and Envoy's
adaptive concurrency filter, which measures the latency without load anew now and then at a small limit. Both compare
latencies of all requests; here each operation is compared with itself, because a list of 500 is not a lookup under
load.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from math import sqrt

CALM = 2
"""Executions at once, at most, that count as no load."""

OPERATIONS = 1024
"""Operations whose latency without load is remembered; the oldest is forgotten for a new one."""

LEAST_GRADIENT = 0.5


@dataclass(eq=False)
class Gradient:
    """``limit`` is what is in force, ``typical_seconds`` what an execution takes at rest, of those that come now.

    All times are in seconds, of any clock.

    tolerance: how much slower than without load is fine. slack_seconds: what noise adds. window_seconds,
    window_samples: the limit changes after so long and so many. calm_seconds: without a sample at rest for so long
    under load, the limit falls to ``CALM`` for ``probe_seconds``, to see what rest is.
    """

    least: int = 4
    most: int = 200
    limit: float = 16.0
    typical_seconds: float = 0.0
    tolerance: float = 2.0
    slack_seconds: float = 0.0005
    window_seconds: float = 0.05
    window_samples: int = 10
    calm_seconds: float = 10.0
    probe_seconds: float = 0.1
    probing_until: float = field(default=0.0, init=False)
    _at_rest: dict[Hashable, float] = field(default_factory=dict, init=False)
    _calm_at: float | None = field(default=None, init=False)
    _began: float | None = field(default=None, init=False)
    _samples: int = field(default=0, init=False)
    _expected: float = field(default=0.0, init=False)
    _measured: float = field(default=0.0, init=False)
    _busiest: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.limit = min(self.limit, self.most)

    def allowed(self, now: float) -> int:
        """How many executions may run at once."""
        return CALM if now < self.probing_until else int(self.limit)

    def sample(self, operation: Hashable, seconds: float, at_once: int, now: float, *, loaded: bool = False) -> None:
        """One execution took ``seconds``; ``at_once`` ran when it began, itself included.

        loaded: whether others wait or are sent away. Few at once are no rest then: the machine has those to deal with.
        """
        if self._calm_at is None or self._began is None:
            self._calm_at = self._began = now
        if at_once <= CALM:
            probed = now < self.probing_until + self.probe_seconds
            if probed or not loaded:
                self._calm_at = now
            if probed or not loaded or seconds < self._at_rest.get(operation, seconds + 1):
                self._learn(operation, seconds)
        at_rest = self._at_rest.get(operation)
        if at_rest is not None:
            self._samples += 1
            self._expected += at_rest * self.tolerance + self.slack_seconds
            self._measured += seconds
            self._busiest = max(self._busiest, at_once)
        if now - self._began >= self.window_seconds and self._samples >= self.window_samples:
            self._adapt(now)
        if now - self._calm_at > self.calm_seconds:
            self._calm_at = now
            self.probing_until = now + self.probe_seconds

    def _learn(self, operation: Hashable, seconds: float) -> None:
        known = self._at_rest.get(operation)
        if known is None and len(self._at_rest) >= OPERATIONS:
            del self._at_rest[next(iter(self._at_rest))]
        # Quick to believe that it is faster, slow to believe that it is slower.
        share = 1.0 if known is None else 0.3 if seconds < known else 0.05
        self._at_rest[operation] = (known or 0.0) * (1 - share) + seconds * share

    def _adapt(self, now: float) -> None:
        self.typical_seconds = (self._expected / self._samples - self.slack_seconds) / self.tolerance
        gradient = max(LEAST_GRADIENT, min(1.0, self._expected / max(self._measured, 1e-9)))
        wanted = self.limit * gradient + sqrt(self.limit)
        # A limit that nobody comes near says nothing about a higher one.
        if wanted < self.limit or self._busiest * 2 >= self.limit:
            self.limit = max(float(self.least), min(float(self.most), wanted))
        self._began, self._samples, self._expected, self._measured, self._busiest = now, 0, 0.0, 0.0, 0
