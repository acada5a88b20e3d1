"""The servers that are measured, as processes: started, stopped, halted between their turns, and their CPU time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.http.cores import Cores

START_SECONDS = 60.0
STOP_SECONDS = 20.0
TICK = os.sysconf("SC_CLK_TCK")


class NotServing(Exception):
    """A server did not start."""


@dataclass(slots=True)
class Served:
    """One server on ``url``, a single process. errors: file of what it complains of."""

    process: subprocess.Popen[bytes]
    url: str
    errors: Path

    def halt(self) -> None:
        """Have it do nothing at all, so that its timers and polls cost the others nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it go on."""
        self.process.send_signal(signal.SIGCONT)

    def wait_until_ready(self, path: str) -> None:
        """Wait until it answers 200 on a path. Raises ``NotServing`` when it ends, or does not in time."""
        until, told = time.monotonic() + START_SECONDS, ""
        while time.monotonic() < until:
            if self.process.poll() is not None:
                said = self.errors.read_text(errors="replace")[-2000:]
                raise NotServing(f"{self.process.args!r} ended with {self.process.returncode}: {said}")
            try:
                found = httpx2.get(f"{self.url}{path}", timeout=2)
                if found.status_code == httpx2.codes.OK:
                    return
                told = f"{found.status_code} {found.text[:200]}"
            except httpx2.HTTPError as error:
                told = repr(error)
            time.sleep(0.05)
        raise NotServing(f"{self.process.args!r} did not answer on {path} within {START_SECONDS:.0f} s: {told}")

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far."""
        return cpu_seconds(self.process.pid)


@contextmanager
def launched(command: Sequence[str], environment: Mapping[str, str], output: Path, cores: Cores) -> Iterator[Served]:
    """A server until the block ends; it does not serve yet. command: ``PORT`` in it stands for its port.

    output: where its standard output goes, and, with the suffix ``.errors``, what it complains of.
    """
    port = free_port()
    with output.open("wb") as lines, errors_of(output).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - contestants are our own commands
            [part.replace("PORT", str(port)) for part in command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=errors,
        )
    cores.give_all(process.pid)
    found = Served(process, f"http://127.0.0.1:{port}", errors_of(output))
    try:
        yield found
    finally:
        found.go_on()
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def errors_of(output: Path) -> Path:
    """The file beside that of a server's output."""
    return output.with_name(f"{output.name}.errors")


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """CPU time of a process: of its threads in nanoseconds (schedstat), else of all of it in ticks (stat)."""
    process = Path(f"/proc/{pid}")
    try:
        return sum(int(thread.read_text().split()[0]) for thread in process.glob("task/*/schedstat")) / 1e9
    except OSError:
        user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICK
