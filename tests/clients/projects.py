"""The clients' own packages: npm's in ``node_modules``, Python's in ``.venv``, both of this folder."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NODE_MODULES = HERE / "node_modules"
PYTHON = HERE / ".venv" / "bin" / "python"
OLDEST_NODE = 20


class Failed(Exception):
    """A command failed; the message is everything that it said."""


def need_node() -> None:
    """Install what package-lock.json names. Skips without node and npm."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")
    version = run(["node", "--version"], HERE).strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs node {OLDEST_NODE} or later, not {version}")
    with alone(HERE):
        if stale(NODE_MODULES / ".package-lock.json", HERE / "package-lock.json"):
            run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], HERE)


def need_python() -> None:
    """Install what requirements.txt names. Skips without uv."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("needs uv")
    installed, wanted = PYTHON.parents[1] / "installed", HERE / "requirements.txt"
    with alone(HERE):
        if stale(installed, wanted):
            run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(PYTHON.parents[1])], HERE)
            run([uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(PYTHON), "-r", str(wanted)], HERE)
            installed.touch()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes of the tests out of ``folder``: only one of them installs what all of them use."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stale(made: Path, source: Path) -> bool:
    """Whether something is missing or older than what it is made from."""
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def start(folder: Path) -> None:
    """Make a folder a project that has the clients' packages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    (folder / "node_modules").symlink_to(NODE_MODULES)


def visit(folder: Path, slug: str) -> dict[str, Any]:
    """The data that a page's client gets in a new process. Raises ``Failed``."""
    clients = [folder / name for name in ("client.py", "src/client.ts", "src/client.js") if (folder / name).exists()]
    (client,) = clients
    if client.suffix == ".py":
        command = [str(PYTHON), str(HERE / "run.py"), str(client), slug]
    else:
        command = ["node", "--import", "tsx", str(HERE / "run.mjs"), str(client), slug]
    data: dict[str, Any] = json.loads(run(command, folder))
    return data


def run(command: list[str], folder: Path, **environment: str) -> str:
    """What a command prints. Raises ``Failed``."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **os.environ,
            "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "UV_SYSTEM_CERTS": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout
