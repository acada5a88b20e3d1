"""Runs in processes of their own that can be stopped and killed at any moment, forked from one that has loaded Django.

Loading takes longer than a run: a process that starts anew each time would mostly be killed before it does anything.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sync.settings import SourceSettings

FORKS = """
import asyncio, json, os, sys, traceback
import django
django.setup()
from sync.runner import run_stream
from sync.settings import SourceSettings
from sync.targets import installed_targets

installed_targets()
for line in sys.stdin:
    wanted = json.loads(line)
    child = os.fork()
    if child == 0:
        try:
            report = asyncio.run(run_stream(SourceSettings(**wanted["settings"]), wanted["stream"]))
            os._exit({"PUBLISHED": 0, "SUPERSEDED": 3}.get(str(report.state), 1))
        except BaseException:
            traceback.print_exc()
            os._exit(2)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
PUBLISHED, SUPERSEDED, KILLED = 0, 3, -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Forks:
    """A process that forks runs, one at a time."""

    process: asyncio.subprocess.Process

    async def run(self, settings: SourceSettings, stream: str) -> int:
        """Begin a run. Returns its process id; ``ended`` must be awaited before the next one."""
        told = {name: getattr(settings, name) for name in ("name", "kind", "url")}
        told |= {name: dict(getattr(settings, name)) for name in ("options", "limits")}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"settings": told, "stream": stream}).encode() + b"\n")
        return int(await self._line())

    def signal(self, run: int, number: signal.Signals) -> None:
        """Send a signal to a run, unless it is over."""
        with suppress(ProcessLookupError):
            os.kill(run, number)

    async def ended(self) -> int:
        """How the run ended: PUBLISHED, SUPERSEDED, KILLED; 1 for any other state, 2 for an error."""
        return int(await self._line())

    async def _line(self) -> bytes:
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            return await self.process.stdout.readline()


@asynccontextmanager
async def forking() -> AsyncIterator[Forks]:
    """A process that forks runs; gone at the end, with the run that it has begun."""
    pipe: Any = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FORKS, stdin=pipe, stdout=pipe, start_new_session=True
    )
    try:
        yield Forks(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
