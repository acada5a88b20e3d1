"""Keeps child processes running, and stops them in the opposite order of their start.

A child that ends by itself is reported and started again, after 1 s at first and up to 30 s when it keeps ending: the
others do without it meanwhile (the gateway serves what the store holds, whatever becomes of worker or simulator). A
child that ends before it was ever ready is a failure of the whole start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from gateway.embedded.lifeline import dies_with_parent
from gateway.errors import GatewayError

STOP_SECONDS = 10
FIRST_DELAY_SECONDS, LAST_DELAY_SECONDS = 1, 30
STEADY_SECONDS = 60


@dataclass(slots=True)
class Child:
    """A ``larder`` command that runs as a process of its own. files: what it inherits of the parent's open ones."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    files: tuple[int, ...] = ()
    stop_seconds: float = STOP_SECONDS
    process: Process | None = None
    keeper: asyncio.Task[None] | None = None

    async def start(self) -> Process:
        """Start the process. In a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # modules of the folder come after Larder's own, as they do in the parent
            "-m",
            "gateway",
            *self.arguments,
            stdin=DEVNULL,
            env={**os.environ, **self.environment},
            start_new_session=True,
            pass_fds=self.files,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
        return self.process

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End the process and reap it: a signal, and SIGKILL for one that does not listen."""
        if self.keeper:
            self.keeper.cancel()
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(number)
        try:
            await asyncio.wait_for(self.process.wait(), self.stop_seconds)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@dataclass(slots=True)
class Supervisor:
    """The children of one parent process. ``say`` takes lines for its user; files and stop_seconds are each child's."""

    say: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=dict)
    files: tuple[int, ...] = ()
    stop_seconds: float = STOP_SECONDS
    _children: list[Child] = field(default_factory=list)

    async def run(self, name: str, *arguments: str) -> int:
        """Run a command to its end; returns its exit code."""
        child = Child(name, arguments, dict(self.environment))
        self._children.append(child)
        code = await (await child.start()).wait()
        self._children.remove(child)
        return code

    async def launch(self, name: str, *arguments: str, **environment: str) -> Child:
        """Start a command that is to run until ``stop``; ``keep`` it once it is ready."""
        child = Child(name, arguments, {**self.environment, **environment}, self.files, self.stop_seconds)
        self._children.append(child)
        await child.start()
        return child

    def keep(self, child: Child) -> None:
        """Start ``child`` again whenever it ends."""
        child.keeper = asyncio.create_task(self._keep(child), name=child.name)

    async def _keep(self, child: Child) -> None:
        delay = FIRST_DELAY_SECONDS
        while (process := child.process) is not None:
            started = time.monotonic()
            code = await process.wait()
            if time.monotonic() - started > STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            self.say(f"{child.name} ended with exit code {code}; starting it again in {delay} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, LAST_DELAY_SECONDS)
            await child.start()

    async def stop_at_once(self, number: int) -> None:
        """Send every child the signal at the same time, and wait for all."""
        await asyncio.gather(*(child.stop(number) for child in self._children))
        self._children.clear()

    async def stop(self) -> None:
        """Stop every child, the last one started first."""
        for child in reversed(self._children):
            await child.stop()
        self._children.clear()


async def answers(child: Child, host: str, port: int, path: str, seconds: float = 60) -> None:
    """Wait until ``child`` answers ``GET path`` with 200. Raises ``GatewayError`` when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not await status_is_ok(host, port, path):
        if child.process is not None and child.process.returncode is not None:
            raise GatewayError(f"{child.name} does not start: it ended with exit code {child.process.returncode}")
        if time.monotonic() > deadline:
            raise GatewayError(f"{child.name} does not answer on http://{host}:{port}{path} after {seconds:.0f} s")
        await asyncio.sleep(0.05)


async def status_is_ok(host: str, port: int, path: str) -> bool:
    """Whether an HTTP server there answers ``GET path`` with 200."""
    with suppress(OSError, TimeoutError):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in await asyncio.wait_for(reader.readline(), 5)
        finally:
            writer.close()
    return False
