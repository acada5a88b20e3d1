"""deploy/postgresql.conf is read by a real PostgreSQL, and what it counts on is true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg

from gateway.configured.plans import PlanSettings
from gateway.configured.serving import ServingSettings
from gateway.configured.suppliers import SupplierSettings
from gateway.embedded.account import server_account
from gateway.embedded.binaries import postgres_binaries

CONF = Path(__file__).parents[2] / "deploy" / "postgresql.conf"
LINE = re.compile(r"^(\w+) = (.+)$", re.MULTILINE)
GATEWAY_SPARE = 7
"""Heads, two for documents and one that listens for them, two for identities, one for webhooks."""

WORKER_SPARE = 6


def given() -> dict[str, str]:
    return dict(LINE.findall(CONF.read_text(encoding="utf-8")))


def read_by_postgresql(database_url: str, conf: Path) -> subprocess.CompletedProcess[str]:
    """PostgreSQL reads a file of settings, tells one of them and ends."""
    with psycopg.connect(database_url) as connection:
        [(cluster,)] = connection.execute("SHOW data_directory").fetchall()
    program = postgres_binaries(server_account(Path(cluster))) / "postgres"
    line = [program, "-C", "max_connections", "-D", cluster, "-c", f"config_file={conf}"]
    return subprocess.run(line, check=False, capture_output=True, text=True)


def test_postgresql_knows_every_setting_and_takes_its_value(database_url: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.conf"
    wrong.write_text(CONF.read_text(encoding="utf-8") + "no_such_setting = 1\n", encoding="utf-8")

    taken, refused = (read_by_postgresql(database_url, conf) for conf in (CONF, wrong))

    assert (taken.returncode, taken.stdout.strip(), taken.stderr) == (0, given()["max_connections"], "")
    assert "no_such_setting" in refused.stderr


def test_the_connections_are_those_that_larder_opens() -> None:
    serving = {name: field.default for name, field in ServingSettings.model_fields.items()}
    gateway = serving["lanes"] + PlanSettings.model_fields["plan_lanes"].default + serving["django_connections"]
    worker = 4 * SupplierSettings.model_fields["worker_concurrency"].default
    said = re.findall("processes \u00d7 (\\d+), workers \u00d7 (\\d+)", CONF.read_text(encoding="utf-8"))

    assert said == [(str(gateway + GATEWAY_SPARE), str(worker + WORKER_SPARE))]
    assert int(given()["max_connections"]) >= 2 * (gateway + GATEWAY_SPARE) + worker + WORKER_SPARE + 10
