"""What the benchmark ran on."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

PACKAGES = ("strawberry-graphql", "strawberry-graphql-django", "graphql-core", "django", "psycopg", "asyncpg", "orjson")


def machine(database_url: str) -> dict[str, str]:
    """Machine, versions and, as counted in the store, the data, by name."""
    with psycopg.connect(database_url) as connection:
        server = connection.execute("SHOW server_version").fetchone()
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM larder_location), count(*) FROM larder_item"
        ).fetchone()
        size = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    locations, items = counted or (0, 0)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, {platform.platform()}",
        "python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "postgresql": str(server and server[0]),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "data": f"{locations:,} locations, {items:,} items, {size and size[0]}",
    }


def processor() -> str:
    """The processor's model, where the operating system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
