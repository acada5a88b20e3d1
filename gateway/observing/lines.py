"""Lines on their way out: a thread formats and writes them, the event loop only hands them over."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

WAITING_BATCHES = 200
"""Batches kept while nobody reads; what comes then is counted and dropped, rather than held in memory."""

STOP_SECONDS = 2.0


class LineWriter(Generic[T]):
    """Writes records to a file descriptor, as ``format_`` makes lines of them. dropped: records that nobody took.

    Only this thread ever waits for whoever reads the descriptor.
    """

    def __init__(self, format_: Callable[[T], bytes], descriptor: int = 1, waiting: int = WAITING_BATCHES) -> None:
        self.format = format_
        self.descriptor = descriptor
        self.dropped = 0
        self._batches: queue.Queue[Sequence[T] | None] = queue.Queue(waiting)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second time does nothing."""
        if self._thread is None:
            # A daemon: a reader that stalls must not keep the process from ending.
            self._thread = threading.Thread(target=self._work, name="larder lines", daemon=True)
            self._thread.start()

    def write(self, records: Sequence[T]) -> None:
        """Hand records over; returns at once."""
        self.start()
        try:
            self._batches.put_nowait(records)
        except queue.Full:
            self.dropped += len(records)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Write what is left, within seconds or not at all."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            self._batches.put(None, timeout=seconds)
        except queue.Full:
            return
        thread.join(seconds)

    def _work(self) -> None:
        while (records := self._batches.get()) is not None:
            try:
                left = memoryview(b"".join([self.format(record) for record in records]))
                while left:
                    left = left[os.write(self.descriptor, left) :]
            except Exception:  # noqa: BLE001 - whatever it was, the next batch is written
                self.dropped += len(records)
