"""``larder documents`` and ``larder schema`` as their users call them."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.cli import main
from persisted_queries.budgets import NAMES as NAMES_OF_LIMITS
from persisted_queries.documents import sha256_of
from tests.persisted_queries.pushes import apollo_json

COMMAND = Path(sys.executable).with_name("larder")
ROOT = Path(__file__).parents[2]

NAMES = "query Names { locations(first: 1) { nodes { name } } }"
SLUGS = "query Slugs { locations(first: 1) { nodes { slug } } }"
PAGE = "query Page($n: Int) { locations(first: $n) { nodes { id } } }"


Result = tuple[int, str, str]
Larder = Callable[..., Result]
Documents = Callable[..., Any]


@pytest.fixture
def larder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Larder:
    """Runs a command where nobody is looking. Returns: exit code, output and errors."""

    def run(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["larder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        output, errors = capsys.readouterr()
        return int(ended.value.code or 0), output, errors

    return run


@pytest.fixture
def documents(larder: Larder) -> Documents:
    """Runs a command that must go well. Returns: the JSON that it prints."""

    def run(*arguments: str | Path) -> Any:
        code, output, errors = larder("documents", *arguments)
        assert code == 0, errors
        return json.loads(output)

    return run


async def on_terminal(*arguments: str | Path) -> tuple[int, str]:
    """Exit code, and what a terminal shows."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments, env={**os.environ, "TERM": "dumb", "COLUMNS": "200"}, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    await process.wait()
    shown = os.read(ours, 1_000_000).decode()
    os.close(ours)
    return process.returncode or 0, shown.replace("\r\n", "\n")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(apollo_json([NAMES, SLUGS], client="web"))
    return path


def test_a_version_from_push_to_prune(
    store: str, manifest: Path, tmp_path: Path, larder: Larder, documents: Documents
) -> None:
    would = documents("push", manifest, "--version", "1.4.2", "--dry-run")
    assert would == {
        "client": "web",
        "version": "1.4.2",
        "state": "pending",
        "documents": 2,
        "added": 2,
        "unchanged": False,
        "dryRun": True,
    }
    assert documents("list") == []

    assert (documents("push", manifest, "--client", "web", "--version", "1.4.2"))["added"] == 2
    assert (documents("push", manifest, "--client", "web", "--version", "1.4.2"))["unchanged"] is True
    assert documents("publish", "--client", "web", "--version", "1.4.2") == {
        "client": "web",
        "version": "1.4.2",
        "state": "active",
        "generation": 1,
    }
    assert [row["state"] for row in documents("list", "--state", "active")] == ["active"]
    shown = documents("show", f"sha256:{sha256_of(NAMES)}")
    assert (shown["text"], [holder["operation_name"] for holder in shown["holders"]]) == (NAMES, ["Names"])

    exported = documents("export", "--client", "web", "--version", "1.4.2")
    assert exported == {sha256_of(NAMES): NAMES, sha256_of(SLUGS): SLUGS}
    code, _, _ = larder("documents", "export", "--client", "web", "--version", "1.4.2", "--folder", tmp_path / "out")
    assert (code, len(list((tmp_path / "out").glob("*.graphql")))) == (0, 2)
    again = documents("push", tmp_path / "out", "--client", "web", "--version", "1.4.2")
    assert again["unchanged"] is True

    page = tmp_path / "page.json"
    page.write_text(json.dumps({sha256_of(PAGE): PAGE}))
    assert documents("push", page, "--client", "web", "--version", "2")["state"] == "pending"
    documents("publish", "--client", "web", "--version", "2", "--replace")
    assert [row["state"] for row in documents("list")] == ["active", "retired"]
    assert (documents("retire", "--client", "web", "--version", "2"))["generation"] == 3
    assert documents("usage", "--last", "4w") == []
    assert documents("prune", "--unused-for", "90d", "--dry-run") == []


def test_a_budget_is_set_shown_replaced_and_taken_away(store: str, manifest: Path, documents: Documents) -> None:
    documents("push", manifest, "--version", "1")
    name = sha256_of(NAMES)

    def told(*options: str) -> Any:
        answer = documents("budget", name, *options)
        assert answer["id"] == name
        return answer["generation"], answer["budget"], documents("show", name)["budget"]

    own = {"cost": 80_000, "response_bytes": 3_000_000, "list_length": 5_000}
    assert documents("show", name)["budget"] is None
    assert told("--cost", "80000", "--list-length", "5000", "--response-bytes", "3000000") == (1, own, own)
    assert told("--depth", "20") == (2, {"depth": 20}, {"depth": 20})
    assert told("--clear") == (3, None, None)


def test_every_limit_of_a_budget_has_an_option(store: str, manifest: Path, documents: Documents) -> None:
    documents("push", manifest, "--version", "1")
    values = {name: number for number, name in enumerate(NAMES_OF_LIMITS, start=1)}
    options = [part for name, value in values.items() for part in (f"--{name.replace('_', '-')}", str(value))]

    assert documents("budget", sha256_of(NAMES), *options)["budget"] == values


def test_usage_is_that_of_30_days_unless_another_time_is_told(store: str, manifest: Path, documents: Documents) -> None:
    documents("push", manifest, "--version", "1")
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO larder_document_usage (document_id, client, day, count) VALUES"
            " (%(names)s, 'web', current_date - 29, 3), (%(slugs)s, 'web', current_date - 31, 5)",
            {"names": sha256_of(NAMES), "slugs": sha256_of(SLUGS)},
        )

    assert [row["count"] for row in documents("usage")] == [3]
    assert [row["count"] for row in documents("usage", "--last", "5w")] == [5, 3]


@pytest.mark.slow
async def test_on_a_terminal_it_speaks_to_people(store: str, manifest: Path) -> None:
    code, pushed = await on_terminal("documents", "push", manifest, "--version", "1")
    listed = (await on_terminal("documents", "list"))[1].split("\n")
    limited = (await on_terminal("documents", "budget", sha256_of(NAMES), "--cost", "80000", "--depth", "20"))[1]
    shown = (await on_terminal("documents", "show", sha256_of(NAMES)))[1]

    assert (code, pushed) == (0, "web 1 was pushed: 2 documents, 2 of them new; pending\n")
    assert listed[1].split()[:4] == ["client", "version", "state", "since"]
    row = listed[3].split()
    assert (row[:3], row[-2:]) == (["web", "1", "pending"], ["2", "apollo"])
    assert f"id sha256:{sha256_of(NAMES)}\n" in shown
    own = "a budget of its own: cost 80,000, depth 20"
    assert limited == f"{sha256_of(NAMES)} has {own}; the registry is at generation 1\n"
    assert f"\n{own}\n" in shown
    assert shown.endswith(NAMES + "\n")


def test_every_problem_of_a_manifest_is_a_line(
    store: str, tmp_path: Path, larder: Larder, documents: Documents
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(apollo_json(["query A { nothing }", "query B { locations { nobody } }", NAMES]))

    code, output, errors = larder("documents", "push", bad, "--client", "web", "--version", "1")

    assert (code, output) == (1, "")
    lines = errors.splitlines()
    assert lines[0].startswith("A ")
    assert "Cannot query field 'nothing' on type 'Query'. (line 1, column 11)" in lines[0]
    assert lines[1].startswith("B ")
    assert lines[2] == "refused because of 2 problems; nothing was stored"
    assert documents("list") == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["push", "missing.json", "--version", "1"],
            1,
            "missing.json: the file can be read: No such file or directory",
        ),
        (["publish", "--client", "web", "--version", "9"], 1, "web 9: no such deployment"),
        (["show", "nothing"], 1, "nothing: no document has this id"),
        (["export", "--client", "web", "--version", "9"], 1, "web 9: no such deployment"),
        (["budget", "nothing", "--cost", "9"], 1, "nothing: no document has this id"),
        (["budget", "nothing", "--depth", "0"], 2, "depth is a whole number from 1 to 200 (got 0)"),
        (["budget", "nothing"], 2, "either --clear or one limit at least, such as --cost 80000"),
        (["budget", "nothing", "--clear", "--cost", "9"], 2, "either --clear or one limit at least"),
        (["usage", "--last", "30"], 2, "a number of days or weeks, such as 90d or 12w (got '30')"),
        (["prune", "--unused-for", "90"], 2, "a number of days or weeks, such as 90d or 12w (got '90')"),
        (["list", "--state", "gone"], 2, "pending, active or retired (got 'gone')"),
        (["check", "--schema", "missing.graphql"], 1, "missing.graphql: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    store: str, larder: Larder, arguments: list[str], code: int, message: str
) -> None:
    found, output, errors = larder("documents", *arguments)

    assert (found, output) == (code, "")
    assert message in " ".join(errors.replace("│", " ").split())


def test_a_client_is_needed_where_the_manifest_names_none(store: str, tmp_path: Path, larder: Larder) -> None:
    plain = tmp_path / "plain.json"
    plain.write_text(apollo_json([NAMES]))

    code, _, errors = larder("documents", "push", plain, "--version", "1")

    assert (code, errors) == (1, "--client is needed: the manifest does not name one client\n")


def test_check_names_the_operations_that_another_schema_breaks(
    store: str, manifest: Path, tmp_path: Path, larder: Larder, documents: Documents
) -> None:
    served = (ROOT / "schema" / "schema.graphql").read_text()
    without_slugs = tmp_path / "new.graphql"
    lines = served.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith("type Location "))
    slug = next(number for number in range(start, len(lines)) if lines[number].startswith("  slug:"))
    without_slugs.write_text("\n".join([*lines[:slug], "  nickname: String", *lines[slug + 1 :]]))
    documents("push", manifest, "--version", "1")
    documents("publish", "--client", "web", "--version", "1")

    code, output, _ = larder("documents", "check", "--schema", without_slugs)
    same, unchanged, _ = larder("documents", "check", "--schema", ROOT / "schema" / "schema.graphql")
    as_json = json.loads((larder("documents", "check", "--schema", without_slugs, "--json"))[1])
    schema_code, changes, _ = larder("schema", "check", without_slugs)
    diff_code, difference, _ = larder("schema", "diff", ROOT / "schema" / "schema.graphql", without_slugs)

    assert (code, same, schema_code, diff_code) == (1, 0, 1, 1)
    assert output.splitlines() == [
        "web 1 Slugs breaks: Cannot query field 'slug' on type 'Location'. (line 1, column 45)",
        "2 operations: 1 break, 0 in danger",
    ]
    assert unchanged == "2 operations: 0 break, 0 in danger\n"
    assert [found["operation"] for found in as_json["breaking"]] == ["Slugs"]
    assert changes == "breaking: Field Location.slug was removed. Used by web 1 Slugs.\n"
    assert difference.splitlines() == [
        "breaking: Field Location.slug was removed.",
        "safe: Field Location.nickname was added.",
    ]


def test_a_file_that_is_no_schema(tmp_path: Path, larder: Larder) -> None:
    (tmp_path / "a.graphql").write_text("type Query {")

    code, _, errors = larder("schema", "diff", tmp_path / "a.graphql", ROOT / "schema" / "schema.graphql")

    assert (code, len(errors.splitlines())) == (1, 1)
    assert "a.graphql is no schema: Syntax Error" in errors


def test_over_http_a_token_is_needed(larder: Larder) -> None:
    code, _, errors = larder("documents", "retire", "--client", "web", "--version", "1", "--url", "http://127.0.0.1:9")

    assert (code, errors) == (2, "LARDER_PUSH_TOKEN: is needed with --url\n")
