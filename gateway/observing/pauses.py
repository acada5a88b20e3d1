"""Pauses of Python's garbage collector, in which nothing else runs."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.observing.families import Value

GENERATIONS = 3


class Pauses:
    """Counts collections and their time by generation, from ``open`` to ``close``."""

    def __init__(self) -> None:
        self.counts = [0] * GENERATIONS
        self.seconds = [0.0] * GENERATIONS
        self._began = 0.0

    def open(self) -> None:
        """Begin."""
        gc.callbacks.append(self._told)

    def close(self) -> None:
        """End."""
        if self._told in gc.callbacks:
            gc.callbacks.remove(self._told)

    def read(self) -> Iterator[Value]:
        """The numbers so far."""
        for generation in range(GENERATIONS):
            yield "larder_gc_pauses_total", (str(generation),), self.counts[generation]
            yield "larder_gc_seconds_total", (str(generation),), self.seconds[generation]

    def _told(self, phase: str, info: Mapping[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.counts[info["generation"]] += 1
            self.seconds[info["generation"]] += time.perf_counter() - self._began
