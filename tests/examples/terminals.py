"""Terminals: shells that stay, into which commands are typed one after another."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

DONE = "typed-commands-are-done"
SECONDS = 300
LAST = 40
"""Lines of what was printed that a failure shows."""


class Terminal:
    """A bash in ``folder``. What it prints is collected, standard error included."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.everything: list[str] = []
        self.busy = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.shell.stdout is not None
        for line in self.shell.stdout:
            self.everything.append(line)
            self.lines.put(line)
        self.lines.put(None)

    def type(self, commands: str) -> None:
        """Type commands; whatever runs is interrupted first, as by Ctrl-C."""
        if self.busy:
            self.interrupt()
            self.until()
        assert self.shell.stdin is not None
        self.shell.stdin.write(f"set -e\n{commands}\nset +e; echo; echo {DONE}\n")
        self.shell.stdin.flush()
        self.busy = True

    def interrupt(self) -> None:
        """Ctrl-C: SIGINT to what runs in the foreground, until it has ended."""
        for child in self._children():
            os.kill(child, signal.SIGINT)
        deadline = time.monotonic() + SECONDS
        while self._children():
            assert time.monotonic() < deadline, "".join(self.everything[-LAST:])
            time.sleep(0.05)

    def _children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=,stat=", "--ppid", str(self.shell.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid, stat in map(str.split, listed.stdout.splitlines()) if not stat.startswith("Z")]

    def until(self, *, says: str | None = None) -> str:
        """What is printed until the commands are done, or until a line begins so. Raises where the shell ends."""
        printed: list[str] = []
        deadline = time.monotonic() + SECONDS
        while True:
            line = self.lines.get(timeout=max(0.1, deadline - time.monotonic()))
            assert line is not None, f"a command failed:\n{''.join(self.everything[-LAST:])}"
            if line.strip() == DONE:
                self.busy = False
                return "".join(printed)
            printed.append(line)
            if says is not None and line.startswith(says):
                return "".join(printed)

    def close(self) -> None:
        """End what runs, and the shell."""
        if self.busy and self.shell.poll() is None:
            self.interrupt()
        assert self.shell.stdin is not None
        self.shell.stdin.close()
        self.shell.wait(timeout=SECONDS)
        self.reader.join(timeout=SECONDS)
        assert self.shell.stdout is not None
        self.shell.stdout.close()
