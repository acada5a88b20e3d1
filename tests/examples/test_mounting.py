"""A Django project of its own with Larder beside its URLs, in a real uvicorn."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2
import psycopg
import pytest

from gateway.ports import free_port
from tests.acceptance.processes import wait_for
from tests.examples.conftest import ROOT

PROJECT = Path(__file__).with_name("project")
NOTES = {"query": "{ notes(first: 5) { nodes { text } } }", "extensions": {"plan": True}}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def of_project(database_url: str, redis_url: str) -> Iterator[dict[str, str]]:
    """The environment of the project, over a database of its own that has its tables."""
    name = f"mounted_{urlsplit(database_url).path.strip('/')}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            environment = {
                "PATH": str(Path(sys.executable).parent),
                "PYTHONPATH": f"{PROJECT}:{ROOT}",
                "DJANGO_SETTINGS_MODULE": "settings",
                "STORE": urlunsplit(urlsplit(database_url)._replace(path=f"/{name}")),
                "LARDER_REDIS_URL": redis_url,
                "LARDER_DEBUG": "on",
            }
            run(environment, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0")
            yield environment
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment: Mapping[str, str], *arguments: str) -> str:
    line = [sys.executable, *arguments]
    done = subprocess.run(line, env=dict(environment), cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(environment: Mapping[str, str], *options: str) -> Iterator[tuple[httpx2.Client, subprocess.Popen[bytes]]]:
    """uvicorn over the project, and a client of it."""
    port = str(free_port())
    line = [sys.executable, "-m", "uvicorn", "asgi:application", "--port", port, *options]
    server = subprocess.Popen(
        line, env=dict(environment), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/notes/", server)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client, server
    finally:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def test_a_view_and_graphql_of_one_process_see_one_store(of_project: dict[str, str]) -> None:
    with served(of_project) as (client, server):
        client.post("/notes/", content="buy bread").raise_for_status()
        page, answer = client.get("/notes/"), client.post("/graphql", json=NOTES)
        too_many = client.post("/graphql", json={"query": "{ notes(first: 8) { nodes { text } } }"})
        own = client.get("/health/ready")
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=30)[0].decode()

    assert page.text == "buy bread"
    assert answer.json()["data"] == {"notes": {"nodes": [{"text": "buy bread"}]}}
    assert answer.json()["extensions"]["plan"]["by"] == "plan"
    assert "first must be between 0 and 7, not 8" in too_many.text
    assert own.text == "the project's own"
    assert "Application startup complete." in said
    assert "Application shutdown complete." in said
    assert "Traceback" not in said


def test_a_server_without_lifespan_serves_the_project_and_says_what_is_missing(of_project: dict[str, str]) -> None:
    with served(of_project, "--lifespan", "off") as (client, server):
        page, refused = client.get("/notes/"), client.post("/graphql", json=NOTES)
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=30)[0].decode()

    assert page.status_code == 200
    assert refused.status_code == 500
    assert "the server runs no ASGI lifespan (uvicorn: --lifespan on)" in said


def test_larders_own_server_serves_the_project_too(of_project: dict[str, str]) -> None:
    port = str(free_port())
    line = [sys.executable, "-m", "gateway", "serve", "--port", port]
    with subprocess.Popen(line, env=of_project, cwd=PROJECT, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/health/ready", server)
            page = httpx2.get(f"http://127.0.0.1:{port}/notes/")
            answer = httpx2.post(f"http://127.0.0.1:{port}/graphql", json=NOTES)
        finally:
            server.terminate()

    assert page.status_code == 200
    assert "notes" in answer.json()["data"]
    assert server.returncode == 0


def test_commands_work_on_the_project(of_project: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "notes.graphql").write_text("{ notes { nodes { text } } }")

    printed = run(of_project, "-m", "gateway", "plan", "explain", "--no-sql", str(tmp_path / "notes.graphql"))
    tables = run(of_project, "-c", "import django; django.setup(); from django.db import connection as c; "
                 "print(c.introspection.table_names())")  # fmt: skip

    assert re.search(r"notes -> notes_by_text \(NoteConnection\): \d+ rows", printed)
    assert "shelf_note" in tables
    assert "larder_run" in tables or "larder_sync_run" in tables
    assert "larder_menu" not in tables
