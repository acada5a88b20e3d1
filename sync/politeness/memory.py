"""Allowances of one process: for who has no store, and for one run at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sync.politeness.allowances import RESERVED_SECONDS, Failure, Turn
from sync.politeness.rates import Bucket


class MemoryAllowances:
    """Follows ``sync.politeness.allowances``. ``clock``: seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._filled: dict[str, tuple[float, float]] = {}
        """Tokens of a bucket, and as of when."""
        self._closed_until: float | None = None
        self._failures = 0

    async def ask(self, buckets: Sequence[Bucket], probe_seconds: float) -> Turn:
        now = self._clock()
        if self._closed_until is not None and now < self._closed_until:
            return Turn(
                granted=False,
                wait_seconds=self._closed_until - now,
                closed_until=instant(self._closed_until),
                failures=self._failures,
            )
        left = {bucket.name: self._tokens(bucket, now) - 1 for bucket in buckets}
        wait_seconds = max([0.0, *(-left[bucket.name] / bucket.per_second for bucket in buckets)])
        if wait_seconds > RESERVED_SECONDS:
            return Turn(granted=False, wait_seconds=wait_seconds - RESERVED_SECONDS, failures=self._failures)
        self._filled.update((name, (tokens, now)) for name, tokens in left.items())
        probe = self._closed_until is not None
        if probe:
            self._closed_until = now + wait_seconds + probe_seconds
        return Turn(granted=True, wait_seconds=wait_seconds, failures=self._failures, probe=probe)

    def _tokens(self, bucket: Bucket, now: float) -> float:
        tokens, filled_at = self._filled.get(bucket.name, (float(bucket.burst), now))
        return min(float(bucket.burst), tokens + max(0.0, now - filled_at) * bucket.per_second)

    async def succeeded(self, turn: Turn) -> None:
        if turn.probe:
            self._closed_until = None
        if self._closed_until is None:
            self._failures = 0

    async def failed(self, turn: Turn, failure: Failure) -> datetime | None:
        now = self._clock()
        closed_until = None if turn.probe else self._closed_until
        if closed_until is None or closed_until <= now:
            self._failures += 1
        opened = failure.open_seconds if self._failures >= failure.opens_after else 0
        until = max(now + max(failure.told_seconds, opened), closed_until or now)
        self._closed_until = until if until > now else None
        return None if self._closed_until is None else instant(until)

    async def aclose(self) -> None:
        """Nothing is held."""


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
