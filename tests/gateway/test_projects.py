"""What a command finds in the folder that it runs in."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.projects import HOME, OWN_PACKAGES, enter_project, refuse_hidden


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(sys, "path", list(sys.path))
    os.environ["DJANGO_SETTINGS_MODULE"] = "gateway.settings"


def test_settings_of_the_folder_count_where_the_environment_says_nothing(tmp_path: Path) -> None:
    os.environ["LARDER_LANES"] = "5"
    (tmp_path / ".env").write_text("# mine\nLARDER_LANES=9\nLARDER_APPS=shop\nSHOP_KEY='a b'\nLARDER_EMPTY\n")

    enter_project(tmp_path)

    assert os.environ["LARDER_LANES"] == "5"
    assert os.environ["LARDER_APPS"] == "shop"
    assert os.environ["SHOP_KEY"] == "a b"
    assert "LARDER_EMPTY" not in os.environ


def test_modules_of_the_folder_come_after_those_installed(tmp_path: Path) -> None:
    enter_project(tmp_path)
    enter_project(tmp_path)

    assert sys.path[-1] == str(tmp_path)
    assert sys.path.count(str(tmp_path)) == 1


@pytest.mark.parametrize(
    ("setting", "value", "made"),
    [
        ("LARDER_APPS", "shop, catalog", "catalog/"),
        ("LARDER_SCHEMA", "schema:schema", "schema.py"),
        ("LARDER_TARGETS", "sync.TARGETS", "sync/"),
    ],
)
def test_a_module_that_larder_hides_is_refused(tmp_path: Path, setting: str, value: str, made: str) -> None:
    os.environ[setting] = value
    path = tmp_path / made
    path.mkdir() if made.endswith("/") else path.touch()

    with pytest.raises(ConfigError, match=f"{setting}: {made.strip('/').removesuffix('.py')} is a package of Larder's"):
        refuse_hidden(tmp_path)


def test_larders_own_folder_may_name_them() -> None:
    os.environ["LARDER_SCHEMA"] = "schema.root:schema"

    refuse_hidden(HOME)


def test_every_package_of_the_wheel_is_known() -> None:
    build = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert set(build["packages"]) == OWN_PACKAGES


def test_the_command_reads_the_folder_it_runs_in(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LARDER_LANES=many\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LARDER_")}
    larder = Path(sys.executable).with_name("larder")

    done = subprocess.run(
        [larder, "schema", "print"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr.startswith("LARDER_LANES: ")
