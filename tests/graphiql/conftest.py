"""Chromium, and Python with what drives it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.projects import run, stale

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Browse = Callable[..., str]


@pytest.fixture(scope="session")
def browse() -> Browse:
    """Runs ``browse.py`` for an address and more arguments; what it prints. Skips without Chromium."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if chromium is None or uv is None:
        pytest.skip("needs Chromium and uv")
    installed, wanted = HERE / ".venv" / "installed", HERE / "requirements.txt"
    if stale(installed, wanted):
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(HERE / ".venv")], HERE)
        run([uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(PYTHON), "-r", str(wanted)], HERE)
        installed.touch()

    def visit(url: str, *arguments: str) -> str:
        return run([str(PYTHON), str(HERE / "browse.py"), url, chromium, *arguments], HERE)

    return visit
