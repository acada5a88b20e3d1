"""``larder dev``: from nothing to an answered query, and nothing left afterwards however it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded.places import socket_folder
from tests.acceptance.processes import LARDER, ROOT, free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc to count processes")
READY_SECONDS = 60


class Dev:
    """A ``larder dev`` over a data folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LARDER_", "DJANGO_"))}
        self.environment = {**inherited, "LARDER_DATA_DIR": str(data), "PORT": str(self.port)}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; returns what it prints until it is ready."""
        self.process = subprocess.Popen(
            [LARDER, "dev"], cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if "Ctrl-C" in line:
                return printed
        raise AssertionError(printed)

    def end(self, number: signal.Signals) -> int:
        """Send a signal; returns the exit code."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    def processes(self) -> list[str]:
        """Command lines of what still runs over the data folder, the servers included."""
        marks = [os.fsencode(self.data), os.fsencode(socket_folder("valkey", self.data))]
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if any(mark in told for mark in marks):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def nothing_left(self, seconds: float = 5) -> bool:
        deadline = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        return True


@pytest.fixture
def dev() -> Iterator[Dev]:
    data = Path(tempfile.mkdtemp(prefix="larder-test-"))
    data.chmod(0o755)
    dev = Dev(data)
    yield dev
    if dev.process is not None and dev.process.poll() is None:
        dev.process.kill()
        dev.process.wait()
    dev.nothing_left(30)
    shutil.rmtree(data)
    shutil.rmtree(socket_folder("postgres", data), ignore_errors=True)
    shutil.rmtree(socket_folder("valkey", data), ignore_errors=True)


def pasted(printed: str) -> dict[str, object]:
    """The answer to the command that ``larder dev`` proposes."""
    command = re.search(r"^  (curl .*)$", printed, re.MULTILINE)
    assert command is not None
    done = subprocess.run(["/bin/sh", "-c", command[1]], capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_proposed_query_answers_and_a_signal_stops_everything(dev: Dev) -> None:
    answer = pasted(dev.start())

    assert "errors" not in answer
    assert '"amount": "' in json.dumps(answer)
    assert dev.end(signal.SIGTERM) == 0
    assert dev.nothing_left(0)


def test_a_kill_leaves_nothing_and_the_next_start_works(dev: Dev) -> None:
    dev.start()
    assert dev.end(signal.SIGKILL) == -signal.SIGKILL

    dev.start()
    assert dev.end(signal.SIGINT) == 0
    assert dev.nothing_left(0)


def test_a_signal_during_the_start_stops_everything(dev: Dev) -> None:
    dev.process = subprocess.Popen([LARDER, "dev"], cwd=ROOT, env=dev.environment, text=True, stdout=subprocess.PIPE)
    assert dev.process.stdout is not None
    assert "PostgreSQL" in dev.process.stdout.readline()

    assert dev.end(signal.SIGINT) == 0
    assert dev.nothing_left(0)


def test_a_second_one_over_the_same_folder_is_refused(dev: Dev) -> None:
    dev.start()
    assert dev.process is not None

    second = subprocess.run([LARDER, "dev"], cwd=ROOT, env=dev.environment, capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert second.stderr == f"larder dev already runs over {dev.data} (pid {dev.process.pid})\n"
    assert dev.end(signal.SIGTERM) == 0


def test_a_taken_port_is_named(dev: Dev) -> None:
    with socket.create_server(("127.0.0.1", dev.port)):
        done = subprocess.run(
            [LARDER, "dev"], cwd=ROOT, env=dev.environment, capture_output=True, text=True, check=False
        )

    assert done.returncode == 2
    assert done.stderr.startswith(f"LARDER_PORT: cannot listen on 127.0.0.1:{dev.port}: Address already in use. Choose")
    assert dev.nothing_left(0)
