"""Who runs on which core: the process that is measured on one of its own, everything else on the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """worker: of what is measured. others: of the clients and PostgreSQL. Both empty where nobody is pinned."""

    worker: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()

    def __str__(self) -> str:
        if not self.worker:
            return "nobody is pinned"
        others = ", ".join(map(str, sorted(self.others)))
        return f"the worker on core {min(self.worker)}, clients and PostgreSQL on {others}"

    def keep_others(self) -> None:
        """Keep this process, and what it starts from here on, off the worker's core."""
        if self.others:
            os.sched_setaffinity(0, self.others)

    def give_all(self, pid: int) -> None:
        """Let a process that has just been started run anywhere, while it loads."""
        if self.worker:
            os.sched_setaffinity(pid, self.worker | self.others)

    def give_worker(self, pid: int) -> None:
        """Put every thread of a process on the worker's core; threads that they start follow."""
        if self.worker:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), self.worker)


def divide() -> Cores:
    """The cores that this process may use, divided; not where there is one only, or where nobody can be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores()
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(frozenset(allowed[:1]), frozenset(allowed[1:])) if len(allowed) > 1 else Cores()
