"""Processor time and memory of this process."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.observing.families import Value

STATM = Path("/proc/self/statm")


def read_process() -> Iterator[Value]:
    """The numbers at the moment; where there is no ``/proc``, memory is the most that was ever in use."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield "larder_process_cpu_seconds_total", (), used.ru_utime + used.ru_stime
    yield "larder_workers", (), 1
    yield "larder_process_resident_bytes", (), resident_bytes(used.ru_maxrss)


def resident_bytes(most: int) -> int:
    """Memory in use. most: as ``getrusage`` tells it, in KiB but on macOS."""
    try:
        return int(STATM.read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return most if sys.platform == "darwin" else most * 1024
