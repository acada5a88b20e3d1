"""The CPU time that PostgreSQL's backends have used, as Linux's /proc tells it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psycopg

TICK = os.sysconf("SC_CLK_TCK") if sys.platform == "linux" else 0


class Backends:
    """The server processes behind the connections to one database, the observer's own left out."""

    def __init__(self, database_url: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(database_url, autocommit=True)
        self._pids: list[int] = []

    def close(self) -> None:
        self._connection.close()

    def look(self) -> None:
        """Find the backends that there are; call it once all connections are open."""
        found = self._connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        self._pids = [pid for (pid,) in found]

    def seconds(self) -> float | None:
        """CPU seconds so far; None for a server on another machine or an operating system without /proc."""
        try:
            return sum(cpu_seconds(pid) for pid in self._pids) if self._pids else None
        except OSError:
            return None


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process: from schedstat (nanoseconds), else from stat (clock ticks). Raises ``OSError``."""
    process = Path(f"/proc/{pid}")
    if not (process / "comm").read_text().startswith("postgres"):
        raise ProcessLookupError(pid)
    try:
        return int((process / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICK
