"""A project that has everything wrong which is looked for: every line of it that is found says so itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.checking.registry import RULES

ORCHARD = Path(__file__).with_name("orchard")
ROOT = Path(__file__).parents[3]
FILES = [".env", "api.py", "fetches.py", "kinds.py", "models.py", "suppliers.toml"]
SAYS = re.compile(r"# finds ((?:[EW]\d{3} ?)+)$")
AS_JSON = ["check", "--format", "json"]
ERRORS = [rule.code for rule in RULES if rule.code.startswith("larder.E")]

UNREACHED = {"LARDER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
BROKEN = {"LARDER_SCHEMA": "tests.gateway.checking.orchard.broken:schema"}
UNREADABLE = {"LARDER_SOURCES": "unreadable.toml"}

RUNS: dict[str, tuple[list[str], dict[str, str]]] = {
    "with a store": (AS_JSON, {}),
    "without": (AS_JSON, UNREACHED),
    "for people": (["check"], {}),
    "warnings": (["check", *(part for code in ERRORS for part in ("--ignore", code))], {}),
    "strict": (["check", "--strict", *(part for code in ERRORS for part in ("--ignore", code))], {}),
    "unknown": (["check", "--ignore", "larder.W999"], {}),
    "broken": (AS_JSON, BROKEN),
    "unreadable": (AS_JSON, UNREADABLE),
    "no module": (["check"], {"LARDER_SCHEMA": "nowhere:schema"}),
    "no schema": (["check"], {"LARDER_SCHEMA": "os:path"}),
}
"""Name -> a command, and the settings that it and those after it have."""

Place = tuple[str, str, int]
Found = set[Place]


def written(*files: str) -> Found:
    """What the comments of some files say is found."""
    return {
        (f"larder.{code}", file, number)
        for file in files
        for number, line in enumerate((ORCHARD / file).read_text().splitlines(), start=1)
        if (says := SAYS.search(line))
        for code in says[1].split()
    }


def line_with(file: str, text: str) -> int:
    """The line of a file that has a text."""
    [number] = [at for at, line in enumerate((ORCHARD / file).read_text().splitlines(), 1) if text in line]
    return number


MENDED = ("larder.E201", "models.py", line_with("models.py", "tree = models.ForeignKey"))
"""What the models declare so, and the store has otherwise."""


def found(told: dict[str, Any]) -> Found:
    """What was found, as ``--format json`` told it."""
    findings = json.loads(told["told"])["findings"]
    assert all(finding["name"] and finding["message"] and finding["advice"] for finding in findings)
    places = [(finding["code"], finding["file"], finding["line"]) for finding in findings]
    assert len(places) == len(set(places))
    return set(places)


@pytest.fixture(scope="module")
def planted(database_url: str) -> Iterator[dict[str, str]]:
    """The environment of the project, over a store with its tables, one index of which no model declares."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LARDER_")}
    environment = {
        **kept,
        "LARDER_DATA_DIR": os.environ["LARDER_DATA_DIR"],
        "LARDER_DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
    }
    with psycopg.connect(database_url, autocommit=True) as store:
        well = {**environment, "LARDER_SOURCES": ""}
        run(well, "gateway", "manage", "migrate", "--run-syncdb", "--verbosity", "0")
        store.execute("CREATE INDEX orchard_apple_of_tree ON orchard_apple (tree_id)")
        yield environment
        tables = store.execute(r"SELECT tablename FROM pg_tables WHERE tablename LIKE 'orchard\_%'").fetchall()
        store.execute(f"DROP TABLE {', '.join(table for (table,) in tables)} CASCADE")


@pytest.fixture(scope="module")
def told(planted: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Exit code and output of every run. The sources are such that no other command would start."""
    done = run(planted, "tests.gateway.checking.several", given=json.dumps(list(RUNS.values())))
    return dict(zip(RUNS, json.loads(done), strict=True))


def run(environment: dict[str, str], module: str, *arguments: str, given: str = "") -> str:
    line = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(line, input=given, cwd=ORCHARD, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_rule_is_broken_here() -> None:
    codes = {code for code, _, _ in written(*FILES, "broken.py")}

    assert codes == {rule.code for rule in RULES}


def test_everything_is_found_by_file_and_line(told: dict[str, Any]) -> None:
    """But for what the store has mended."""
    answer = json.loads(told["with a store"]["told"])

    assert found(told["with a store"]) == written(*FILES) - {MENDED}
    assert told["with a store"]["code"] == 1
    assert answer["indexes"] == "as the store tells"
    assert answer["unchecked"] == []
    assert answer["errors"] == sum(code in ERRORS for code, _, _ in found(told["with a store"]))
    assert answer["errors"] + answer["warnings"] == len(answer["findings"])


def test_without_a_store_the_models_tell_of_indexes(told: dict[str, Any]) -> None:
    answer = json.loads(told["without"]["told"])

    assert found(told["without"]) == {each for each in written(*FILES) if each[0] != "larder.W001"}
    assert told["without"]["code"] == 1
    assert answer["indexes"] == "as the models declare"
    assert answer["unchecked"] == ["larder.W001"]


def test_people_read_it_by_file_and_no_secret_is_shown(told: dict[str, Any]) -> None:
    text = told["for people"]["told"]

    lines = text.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")][:-2] == FILES
    assert "  error    larder.E201  Tree.apples: no index of orchard_apple begins with tree_id (as the models" in text
    assert lines[-2].startswith("not checked, for no store answers: larder.W001")
    assert re.fullmatch(r"\d+ errors, \d+ warnings; indexes as the models declare", lines[-1])
    for secret in ("0123456789", "hunter2"):
        assert secret in (ORCHARD / "suppliers.toml").read_text()
        assert secret not in text
        assert secret not in told["without"]["told"]


def test_warnings_fail_only_where_that_is_asked_for(told: dict[str, Any]) -> None:
    assert (told["warnings"]["code"], told["strict"]["code"]) == (0, 1)
    assert told["warnings"]["told"] == told["strict"]["told"]
    assert "\n0 errors, " in told["warnings"]["told"]


def test_a_fetch_that_cannot_be_built_is_an_error_of_its_own(told: dict[str, Any]) -> None:
    findings = json.loads(told["broken"]["told"])["findings"]

    assert {each for each in found(told["broken"]) if each[1] == "broken.py"} == written("broken.py")
    [broken] = [one for one in findings if one["code"] == "larder.E104"]
    assert broken["name"] == "label_by_id (Query.label)"
    assert "FieldError: Cannot resolve keyword 'nothing'" in broken["message"]


def test_a_file_of_sources_that_is_no_toml_is_named_with_its_line(told: dict[str, Any]) -> None:
    found_there = {each for each in found(told["unreadable"]) if each[1] == "unreadable.toml"}

    assert found_there == written("unreadable.toml")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unknown", 1, "--ignore: there is no rule larder.W999; docs/checking.md has them all"),
        ("no module", 2, "LARDER_SCHEMA: nowhere:schema: ModuleNotFoundError: No module named 'nowhere'"),
        ("no schema", 2, "LARDER_SCHEMA: os:path is a module, no strawberry.Schema"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_line(told: dict[str, Any], name: str, code: int, said: str) -> None:
    assert told[name] == {"code": code, "told": said}
