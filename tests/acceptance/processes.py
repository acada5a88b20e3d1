"""Larder's own commands as real processes, for tests that treat it as its users do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

LARDER = Path(sys.executable).with_name("larder")
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a user's shell: the tests' own, but for what only they set, and ``environment``."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | dict(environment)


@contextmanager
def running(arguments: list[str], ready_url: str | None, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """``larder ARGUMENTS`` until the block ends; waits until ``ready_url`` answers 200."""
    process = subprocess.Popen(
        [LARDER, *arguments],
        cwd=ROOT,
        env=surroundings(environment),
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        if ready_url is not None:
            wait_for(ready_url, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"{process.args!r} ended with {process.returncode}")
        try:
            if httpx2.get(url, timeout=2).status_code == httpx2.codes.OK:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer within {seconds} s")


def larder(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``larder ARGUMENTS`` to its end."""
    done = subprocess.run(
        [LARDER, *arguments],
        cwd=ROOT,
        env=surroundings(environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise AssertionError(
            f"larder {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


def ask(url: str, query: str, variables: Mapping[str, Any] | None = None, timeout: float = 10) -> dict[str, Any]:
    """The ``data`` of a query over HTTP."""
    response = httpx2.post(f"{url}/graphql", json={"query": query, "variables": variables or {}}, timeout=timeout)
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data
