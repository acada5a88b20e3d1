"""examples/bookshop: its migrations are whole, its documents have plans, its wholesaler is synced; and the wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from gateway.ports import free_port
from gateway.projects import OWN_PACKAGES
from tests.acceptance.processes import wait_for
from tests.examples.conftest import ROOT

LARDER = Path(sys.executable).with_name("larder")


@pytest.fixture
def bookshop(tmp_path: Path, database_url: str, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a copy of the example, in ``HOME``, over a database of its own."""
    name = f"bookshop_{os.getpid()}"
    folder = tmp_path / "bookshop"
    shutil.copytree(ROOT / "examples" / "bookshop", folder, ignore=shutil.ignore_patterns(".larder", "__pycache__"))
    port = free_port()
    for file in ("suppliers.toml", "wholesaler.py"):
        (folder / file).write_text((folder / file).read_text().replace("8200", str(port)))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        url = urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
        yield {**environment, "HOME": str(folder), "LARDER_DATABASE_URL": url, "WHOLESALER": str(port)}
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment: dict[str, str], *arguments: str) -> str:
    line = [str(LARDER), *arguments]
    done = subprocess.run(
        line, env=environment, cwd=environment["HOME"], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_example_runs(bookshop: dict[str, str]) -> None:
    run(bookshop, "manage", "makemigrations", "bookshop", "--check", "--dry-run")
    run(bookshop, "migrate", "--quiet")
    run(bookshop, "track-heads", "check")
    run(bookshop, "manage", "loaddata", "books.json")
    with subprocess.Popen(
        [sys.executable, "wholesaler.py"], cwd=bookshop["HOME"], stdout=subprocess.DEVNULL
    ) as supplier:
        try:
            wait_for(f"http://127.0.0.1:{bookshop['WHOLESALER']}/stock", supplier)
            checked = run(bookshop, "sync", "check", "suppliers.toml")
            synced = run(bookshop, "sync", "run")
        finally:
            supplier.kill()
    pushed = json.loads(run(bookshop, "documents", "push", "documents", "--client", "web", "--version", "1"))
    plans = [
        run(bookshop, "plan", "explain", "--no-sql", "--variables", '{"isbn": "9780141439600"}', str(path))
        for path in sorted(Path(bookshop["HOME"], "documents").iterdir())
    ]
    with psycopg.connect(bookshop["LARDER_DATABASE_URL"]) as connection:
        stock = connection.execute("SELECT book_id, copies, source FROM bookshop_stock ORDER BY 1").fetchall()
        tables = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables").fetchall()}

    assert "all of it is well" in checked
    assert "3 inserted" in synced
    assert pushed["documents"] == len(plans) == 2
    assert all(": plan\n" in told for told in plans), plans
    assert stock == [
        ("9780141439518", 12, "wholesaler"),
        ("9780141439600", 0, "wholesaler"),
        ("9780199232765", 3, "wholesaler"),
    ]
    assert "larder_menu" not in tables
    assert "larder_head" in tables


def test_the_wheel_has_everything(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as built:
        names = set(built.namelist())

    for package in OWN_PACKAGES:
        assert f"{package}/py.typed" in names
    for app in ("catalog", "gateway/identity", "persisted_queries", "sync"):
        migrations = {path.relative_to(ROOT).as_posix() for path in (ROOT / app / "migrations").glob("0*.py")}
        assert migrations <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == OWN_PACKAGES
    assert "schema/schema.graphql" in names
