"""Each import contract is seen to fail on an import that breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


class Planted(NamedTuple):
    """An import statement at the end of a module, and the contract that it breaks."""

    module: str
    statement: str
    contract: str


PLANTED = [
    Planted("loaders/errors.py", "import gateway.errors", "Imports point down"),
    Planted("loaders/errors.py", "import sync.errors", "Imports point down"),
    Planted("sync/errors.py", "import loaders.errors", "Imports point down"),
    Planted("catalog/models.py", "import resolvers", "Imports point down"),
    Planted("resolvers/items.py", "import schema.root", "Imports point down"),
    Planted("gateway/cli.py", "import schema.root", "The engine never imports the application"),
    Planted("sync/errors.py", "import catalog.models", "The engine never imports the application"),
    Planted("loaders/errors.py", "import catalog.models", "The engine never imports the application"),
    Planted("larder/graphql.py", "import gateway.errors", "Imports point down"),
    Planted("larder/sync.py", "import catalog.models", "The engine never imports the application"),
    Planted("resolvers/items.py", "import psycopg", "Schema and resolvers do no I/O"),
    Planted("schema/root.py", "import redis", "Schema and resolvers do no I/O"),
    Planted("schema/root.py", "import httpx2", "Schema and resolvers do no I/O"),
    Planted("gateway/cli.py", "import httpx2", "Only sync imports an HTTP client"),
    Planted("loaders/errors.py", "import aiohttp", "Only sync imports an HTTP client"),
    Planted("catalog/targets/offers.py", "import requests", "Only sync imports an HTTP client"),
    Planted("sync/targets.py", "import sync.sources.eat_api", "Sources are known to their registry alone"),
    Planted("gateway/cli.py", "import sync.sources.eat_api", "Sources are known to their registry alone"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in SETTINGS["root_packages"]:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.js", "*.css")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def verdicts(tree: Path) -> dict[str, str]:
    """Contract name to KEPT or BROKEN."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.rsplit(" ", 1) for line in done.stdout.splitlines()]
    found = {line[0]: line[1] for line in lines if line[-1] in {"KEPT", "BROKEN"}}
    assert (done.returncode == 0) == ("BROKEN" not in found.values()), done.stdout
    return found


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.module}: {planted.statement}")
def test_a_planted_import_breaks_its_contract(tree: Path, planted: Planted) -> None:
    with (tree / planted.module).open("a", encoding="utf-8") as file:
        file.write(f"\n{planted.statement}\n")

    assert verdicts(tree)[planted.contract] == "BROKEN"


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    names = [contract["name"] for contract in SETTINGS["contracts"]]

    assert verdicts(tree) == dict.fromkeys(names, "KEPT")


def test_every_contract_has_a_planted_violation() -> None:
    assert {planted.contract for planted in PLANTED} == {contract["name"] for contract in SETTINGS["contracts"]}
