"""``larder plan explain`` as its users call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pantry import Pantry, storefront

LARDER = Path(sys.executable).with_name("larder")
PAGE = """query Page($slug: String!) {
    location(slug: $slug) { name menus { name sections { name } } }
}
query Types { __schema { queryType { name } } }
"""
SLUG = '{"slug": "mensa"}'


@pytest.fixture
def page(store: str, tmp_path: Path) -> Path:
    """A document, for a store with one location."""
    storefront(Pantry(), "mensa", items=1)
    document = tmp_path / "page.graphql"
    document.write_text(PAGE, encoding="utf-8")
    return document


def explain(*arguments: object, given: str = "", **environment: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    done = subprocess.run(
        [LARDER, "plan", "explain", *map(str, arguments)],
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_plan_as_text(page: Path) -> None:
    code, output, errors = explain(page, "--operation", "Page", "--variables", SLUG, "--no-sql")

    assert (code, errors) == (0, "")
    first, second, *fetches = output.splitlines()
    assert first == "operation Page: plan"
    assert second.startswith("  compiled in ")
    assert second.endswith(" ms; depends on larder_location, larder_menu, larder_section")
    assert [line.partition(":")[0] for line in fetches] == [
        "  location -> location_by_slug by slug (Location)",
        "    location.menus -> menus_by_location_id by location_id (Menu)",
        "      location.menus[].sections -> Menu.sections by menu_id (Section)",
    ]
    assert [line.partition(": ")[2].split(" rows")[0] for line in fetches] == ["1", "1", "2"]


@pytest.mark.slow
def test_the_plan_as_json_with_what_postgresql_does(page: Path) -> None:
    code, output, errors = explain(page, "--operation", "Page", "--variables", SLUG, "--json", "--analyze")

    told = json.loads(output)
    assert (code, errors) == (0, "")
    assert (told["operation"], told["by"]) == ("Page", "plan")
    assert [one["rows"] for one in told["statements"]] == [1, 1, 2]
    assert all(one["sql"].startswith("SELECT") and one["plan"] for one in told["statements"])


def test_a_document_from_standard_input(page: Path) -> None:
    code, output, _ = explain("-", given='{ location(slug: "mensa") { menus { name } } }')

    assert code == 0
    assert output.splitlines()[0] == "operation (anonymous): plan"
    assert "SELECT" in output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "operation", "reason"),
    [
        (["--operation", "Types"], "Types", "__schema: introspection"),
        (["--operation", "Page"], "Page", "variables that do not coerce (no value for $slug)"),
        ([], "(unknown)", "no operation of that name, or several"),
    ],
)
def test_why_there_is_no_plan(page: Path, arguments: list[str], operation: str, reason: str) -> None:
    assert explain(page, *arguments) == (0, f"operation {operation}: resolvers\n  not compiled: {reason}\n", "")


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    for missing in (tmp_path / "missing.graphql", tmp_path):
        assert explain(missing) == (1, "", f"no such document, neither a file nor a registered id: {missing}\n")


def test_a_document_that_is_not_text(tmp_path: Path) -> None:
    document = tmp_path / "page.graphql"
    document.write_bytes(b"\xff\xfe\x00")

    code, output, errors = explain(document)

    assert (code, output) == (1, "")
    assert errors == f"{document} is not UTF-8 text\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ("{slug}", "--variables must be a JSON object: Expecting property name"),
        ("[1]", "--variables must be a JSON object, not [1]"),
        ("null", "--variables must be a JSON object, not null"),
    ],
)
def test_variables_that_are_no_json_object(page: Path, variables: str, message: str) -> None:
    code, output, errors = explain(page, "--variables", variables)

    assert (code, output) == (1, "")
    assert errors.startswith(message)


@pytest.mark.slow
def test_a_store_that_does_not_answer(page: Path) -> None:
    code, output, errors = explain(page, LARDER_DATABASE_URL="postgresql://nobody@/nowhere?host=/nowhere")

    assert (code, output) == (2, "")
    assert errors.startswith("LARDER_DATABASE_URL: ")
    assert "Traceback" not in errors
