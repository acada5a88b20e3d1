"""``wrk`` (https://github.com/wg/wrk): clients that send their next request when they have the answer to the last."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.http.asking import Request

SCRIPT = Path(__file__).with_name("wrk.lua")
MARK = b"\nreport "


class NoWrk(Exception):
    """``wrk`` is not installed."""


class Broken(Exception):
    """``wrk`` could not do its work."""


@dataclass(frozen=True, slots=True)
class Load:
    """What clients saw. seconds: it lasted. p50, p99, p999: milliseconds from asking to the whole answer.

    refused: answers with a status other than 2xx and 3xx. broken: connections that failed, and timeouts.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    p999: float
    refused: int
    broken: int


def find_wrk() -> str:
    """Where it is. Raises ``NoWrk``."""
    found = shutil.which("wrk")
    if found is None:
        raise NoWrk("wrk is not installed (Debian and Ubuntu: apt install wrk; Homebrew: brew install wrk)")
    return found


def write_requests(requests: Iterable[Request], path: Path) -> Path:
    """A file that ``load`` sends."""
    path.write_bytes(b"\n".join(request.line() for request in requests) + b"\n")
    return path


def load(url: str, requests: Path, *, connections: int, seconds: float, seed: int = 1) -> Load:
    """Send the requests of a file for so many whole seconds. Raises ``Broken``."""
    command = [
        *(find_wrk(), "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"),
        *("--timeout", "30s", "--script", str(SCRIPT), url, "--", str(requests), str(seed)),
    ]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - arguments of our own
    _, _, report = done.stdout.rpartition(MARK)
    if done.returncode or not report:
        raise Broken(f"{' '.join(command)}: {(done.stderr or done.stdout).decode(errors='replace')}")
    return Load(**orjson.loads(report))
