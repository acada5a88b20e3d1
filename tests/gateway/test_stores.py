"""An address that leads nowhere ends a command with one line that names the setting, and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.ports import free_port


def larder(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env={**os.environ, "LARDER_DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [["migrate"], ["serve"], ["dev"], ["manage", "check"]])
def test_no_database_there(tmp_path: Path, command: list[str]) -> None:
    done = larder(
        tmp_path, *command, LARDER_DATABASE_URL=f"postgresql://me@/larder?host={tmp_path}", PORT=str(free_port())
    )

    assert done.returncode == 2
    assert done.stderr.startswith('LARDER_DATABASE_URL: connection to server on socket "')
    assert "No such file or directory" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_that_refuses(tmp_path: Path, database_url: str) -> None:
    absent = database_url.replace("/larder_test", "/absent_larder_test")

    done = larder(tmp_path, "migrate", LARDER_DATABASE_URL=absent)

    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_redis_there(tmp_path: Path) -> None:
    done = larder(tmp_path, "manage", "check", LARDER_REDIS_URL=f"unix://{tmp_path}/valkey.sock")

    assert done.returncode == 2
    assert done.stderr.startswith("LARDER_REDIS_URL: Error 2 connecting to")
    assert done.stderr.count("\n") == 1


def test_without_any_redis_commands_work(tmp_path: Path) -> None:
    done = larder(tmp_path, "manage", "check", LARDER_REDIS_URL="")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_bad_setting(tmp_path: Path) -> None:
    done = larder(tmp_path, "migrate", LARDER_LANES="none")

    assert done.returncode == 2
    assert done.stderr == (
        "LARDER_LANES: input should be a valid integer, unable to parse string as an integer (got 'none')\n"
    )


def test_bad_sources(tmp_path: Path) -> None:
    declared = tmp_path / "sources.toml"
    declared.write_text("[sources.shop]\nkind = 'eat_api'\nurl = 'gopher://x'\n")

    done = larder(tmp_path, "migrate", LARDER_SOURCES=str(declared))

    assert done.returncode == 2
    assert done.stderr == (
        "LARDER_SOURCES: sources.shop.url must be a URL starting with http:// or https:// (got 'gopher://x')\n"
    )
