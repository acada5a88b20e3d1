"""Loop lag: how late the event loop is, which every request in the process feels."""

from __future__ import annotations

import asyncio
import statistics
from collections import deque

EVERY_SECONDS = 0.05
KEPT_SECONDS = 60.0


class LoopLag:
    """Samples how late a timer is, every 50 ms, and keeps a minute of it. Costs some 2 µs a sample.

    Held up for long, the loop gives one sample of that length: ``max_seconds`` tells of it, ``p50_seconds`` hardly.
    """

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=int(KEPT_SECONDS / EVERY_SECONDS))
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Begin to sample."""
        loop = asyncio.get_running_loop()
        self._wait(loop, loop.time() + EVERY_SECONDS)

    async def close(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def p50_seconds(self) -> float:
        """The median of the last minute, 0 before the first sample."""
        return statistics.median(self._samples) if self._samples else 0.0

    @property
    def max_seconds(self) -> float:
        """The longest of the last minute, 0 before the first sample."""
        return max(self._samples, default=0.0)

    def _wait(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._timer = loop.call_at(due, self._sample, loop, due)

    def _sample(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        self._samples.append(max(0.0, now - due))
        self._wait(loop, now + EVERY_SECONDS)
