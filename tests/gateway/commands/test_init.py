"""``larder init`` in folders of all kinds, as a command of its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """
from django.db import models


class Plant(models.Model):
    name = models.CharField(max_length=50, help_text="In Latin.")
"""


def larder(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    dropped = ("LARDER_", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    command = [str(Path(sys.executable).with_name("larder")), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A folder with a Django app."""
    (tmp_path / "garden").mkdir()
    (tmp_path / "garden" / "__init__.py").touch()
    (tmp_path / "garden" / "models.py").write_text(MODELS)
    return tmp_path


def test_an_empty_folder_gets_an_app_and_a_schema_that_is_served(tmp_path: Path) -> None:
    made = larder(tmp_path, "init", "new/shop")
    printed = larder(tmp_path / "new" / "shop", "schema", "print")

    assert made.returncode == 0, made.stderr
    assert (tmp_path / "new/shop/shop/models.py").exists()
    assert printed.returncode == 0, printed.stderr
    assert "products(" in printed.stdout
    ruff = Path(sys.executable).with_name("ruff")
    for command in ("check", "format --check"):
        line = [str(ruff), *command.split(), "--isolated", "."]
        done = subprocess.run(line, cwd=tmp_path / "new/shop", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_app_of_a_folder_is_found_and_nothing_is_overwritten(garden: Path) -> None:
    first = larder(garden, "init")
    again = larder(garden, "init")

    assert first.returncode == 0, first.stderr
    assert '"In Latin."' in (garden / "api.py").read_text()
    assert "LARDER_APPS=garden\n" in (garden / ".env").read_text()
    assert again.returncode == 1
    assert "api.py" in again.stderr
    assert "nothing was written" in again.stderr


def test_the_schema_alone_is_printed(garden: Path) -> None:
    done = larder(garden, "init", "--print")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('"""The GraphQL schema of garden."""')
    assert not (garden / "api.py").exists()


@pytest.mark.parametrize(
    ("apps", "said"),
    [
        ("nowhere", "--apps nowhere: ModuleNotFoundError: No module named 'nowhere'"),
        ("catalog", "LARDER_APPS: catalog is a package of Larder's own: give yours another name"),
        ("django.contrib.messages", "messages: no model that could be a type"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(garden: Path, apps: str, said: str) -> None:
    (garden / "catalog").mkdir()

    done = larder(garden, "init", "--apps", apps)

    assert done.returncode in {1, 2}
    assert done.stderr.strip() == said
    assert not (garden / "api.py").exists()
