"""A command loads what it needs and nothing of the others."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"django", "graphql", "httpx2", "procrastinate", "psycopg", "pydantic", "strawberry", "sync", "uvicorn"}
LOADED = "import sys, gateway.cli; print(*{name.partition('.')[0] for name in sys.modules})"


def test_the_command_line_knows_its_commands_without_what_they_need() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert HEAVY.isdisjoint(told.stdout.split())
