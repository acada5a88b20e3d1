"""The audits that the package graphql-http has for servers of GraphQL over HTTP, against a gateway."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.clients.gateways import gateway
from tests.clients.projects import run, stale

HERE = Path(__file__).parent
AUDITS = 61
OLDEST_NODE = 18
"""The first with a fetch of its own."""


@pytest.fixture(scope="session")
def audits() -> Path:
    """The program, with the packages of package-lock.json. Skips without node and npm."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}")
    version = run(["node", "--version"], HERE).strip()
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs node {OLDEST_NODE} or later, not {version}")
    if stale(HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"):
        run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], HERE)
    return HERE / "audit.mjs"


def test_every_audit_passes(audits: Path, store: str) -> None:
    with gateway() as url:
        found = json.loads(run(["node", str(audits), f"{url}/graphql"], HERE))

    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == AUDITS
