"""A data folder that every account can enter, and that leaves nothing behind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="larder-test-"))
    folder.chmod(0o755)
    yield folder
    for cluster in folder.rglob("postgres"):
        if cluster.is_symlink():
            shutil.rmtree(cluster.readlink())
    shutil.rmtree(folder)
