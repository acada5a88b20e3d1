"""The wheel, and an environment that knows nothing of these tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.examples.terminals import Terminal

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Larder's wheel, built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture
def environment() -> dict[str, str]:
    """What a shell of somebody else has."""
    dropped = ("LARDER_", "DJANGO_", "PYTHON", "VIRTUAL_ENV", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped) and name != "PORT"}
    python = Path(getattr(sys, "_base_executable", sys.executable)).parent
    return {**kept, "PATH": f"{python}{os.pathsep}{kept['PATH']}"}


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    """Opens terminals; ends what runs in them."""
    opened: list[Terminal] = []

    def open_in(folder: Path, **more: str) -> Terminal:
        opened.append(Terminal(folder, {**environment, **more}))
        return opened[-1]

    yield open_in
    for each in reversed(opened):
        each.close()
