"""How long a bystander waits while something happens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BYSTANDER = Path(__file__).with_name("bystander.py")


@dataclass
class Waits:
    """What a bystander went through. milliseconds: of each answer."""

    name: str
    milliseconds: list[float] = field(default_factory=list)

    @property
    def worst(self) -> float:
        return max(self.milliseconds)

    def __str__(self) -> str:
        ordered = sorted(self.milliseconds)
        median, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        return f"{self.name}: {len(ordered)} answers, p50 {median:.1f} ms, p99 {late:.1f} ms, worst {self.worst:.1f} ms"


TOLD: list[Waits] = []


@contextmanager
def bystander(url: str, name: str) -> Iterator[Waits]:
    """Somebody who asks all the time until the block ends; filled in then, and told at the end of the test run."""
    process = subprocess.Popen(
        [sys.executable, str(BYSTANDER), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    waits = Waits(name)
    try:
        yield waits
    finally:
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    waits.milliseconds += [float(line) for line in printed.split()]
    TOLD.append(waits)
