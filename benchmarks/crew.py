"""Worker processes of ``larder worker`` over one store, of which one can be killed in the middle of its runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.canteens import HANGS
from benchmarks.hours import Death
from gateway.embedded.lifeline import dies_with_parent

LARDER = Path(sys.executable).with_name("larder")
START_SECONDS = 120
FREEZE_SECONDS = 0.1
LAST_SAID = 2_000

BUSY = """
SELECT job.worker_id FROM procrastinate_jobs job JOIN larder_sync_run run ON run.source || '/' || run.stream = job.lock
WHERE job.status = 'doing' AND run.finished_at IS NULL AND run.source <> %s ORDER BY run.id DESC
"""
DOING = "SELECT lock FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s ORDER BY lock"
OPEN = """
SELECT id FROM larder_sync_run WHERE source || '/' || stream = ANY(%s) AND finished_at IS NULL
    AND started_at <= to_timestamp(%s)
"""
CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float"
FAILURE = "SELECT error FROM larder_sync_run WHERE state = 'FAILED' AND source <> %s ORDER BY id DESC LIMIT 1"


@dataclass
class Crew:
    """The workers that live. slots: runs at once in each; declared: the file of sources."""

    connection: psycopg.Connection[Any]
    url: str
    declared: Path
    slots: int
    log: Path
    """What the workers say."""
    processes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    """By the worker's id in the queue."""

    async def start(self) -> None:
        """Start a worker, and find out its id in the queue. Raises ``RuntimeError`` when it does not come up."""
        environment = {
            "LARDER_DATABASE_URL": self.url,
            "LARDER_SOURCES": str(self.declared),
            "LARDER_WORKER_CONCURRENCY": str(self.slots),
        }
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                LARDER,
                "worker",
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        known, patience = set(self.processes), time.monotonic() + START_SECONDS
        self.processes[-1] = process
        while not (new := {found for (found,) in self.ask("SELECT id FROM procrastinate_workers")} - known):
            await self.pause(0.1, patience)
        self.processes[new.pop()] = self.processes.pop(-1)

    async def stop(self) -> None:
        """End the workers that are left."""
        for process in self.processes.values():
            if process.returncode is None:
                process.terminate()
                process.send_signal(signal.SIGCONT)
        await asyncio.gather(*(process.wait() for process in self.processes.values()))

    async def pause(self, seconds: float, patience: float) -> None:
        """Wait a little. Raises ``RuntimeError`` when a worker has ended, or after ``patience`` (monotonic seconds)."""
        for process in self.processes.values():
            if process.returncode is not None:
                said = self.log.read_text(errors="replace")[-LAST_SAID:]
                raise RuntimeError(f"a worker ended with {process.returncode}; the last lines of all: {said}")
        if time.monotonic() > patience:
            raise RuntimeError(f"the workers take too long{self.failure()}")
        await asyncio.sleep(seconds)

    async def kill(self) -> Death:
        """Kill a worker in the middle of a run of a supplier that answers."""
        patience = time.monotonic() + START_SECONDS
        while True:
            for (worker,) in self.ask(BUSY, HANGS)[:1]:
                self.processes[worker].send_signal(signal.SIGSTOP)
                # What it had sent to the store is still carried out.
                await asyncio.sleep(FREEZE_SECONDS)
                if (worker,) in self.ask(BUSY, HANGS):
                    return await self.killed(worker)
                self.processes[worker].send_signal(signal.SIGCONT)
            await self.pause(0.02, patience)

    async def killed(self, worker: int) -> Death:
        """Kill a worker that is frozen."""
        streams = [lock for (lock,) in self.ask(DOING, worker)]
        process = self.processes.pop(worker)
        process.kill()
        await process.wait()
        at = self.clock()
        cut = [run for (run,) in self.ask(OPEN, streams, at)]
        return Death(at, tuple(cut), tuple(streams))

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.connection.execute(statement, values or None).fetchall()

    def clock(self) -> float:
        """Seconds since 1970 by the store."""
        return float(self.ask(CLOCK)[0][0])

    def failure(self) -> str:
        """The last failure of a supplier that answers, to be told."""
        found = self.ask(FAILURE, HANGS)
        return f"; a run failed: {found[0][0]}" if found else ""
