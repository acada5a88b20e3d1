"""What PostgreSQL's lock file says about the server over a cluster folder."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NO_SUCH_PID = 2**31 - 1
STATUS_LINE = 7


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server that wrote ``postmaster.pid`` (PostgreSQL: src/include/utils/pidfile.h)."""

    cluster: Path
    pid: int
    status: str

    @property
    def lives(self) -> bool:
        """Whether the pid is this cluster's server, and not a stranger who got the number of a dead one."""
        if sys.platform == "linux":
            try:
                return Path(f"/proc/{self.pid}/cwd").readlink() == self.cluster
            except OSError:
                return False
        command = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(self.pid)], capture_output=True, text=True, check=False
        )
        return str(self.cluster) in command.stdout

    @property
    def ready(self) -> bool:
        return self.status == "ready"


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The server named in the lock file; None when there is no readable one."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return Postmaster(
            cluster, int(lines[0]), lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else "starting"
        )
    except (FileNotFoundError, ValueError, IndexError):
        return None


def disown_dead_postmaster(cluster: Path) -> None:
    """Let PostgreSQL start over the lock file of a server that was killed.

    It refuses while the pid in it belongs to any live process. The rest of the file stays: by it PostgreSQL recognises
    children of the killed server that still use the shared memory.
    """
    lock = cluster / "postmaster.pid"
    lines = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join([f"{NO_SUCH_PID}\n", *lines[1:]]))
