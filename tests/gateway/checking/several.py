"""Runs several commands in one process, which loads Django once: ``[arguments, settings]`` each, as JSON on stdin."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gateway.cli import app
from gateway.config import config
from gateway.errors import GatewayError
from gateway.projects import enter_project


def run(arguments: list[str], settings: dict[str, str]) -> dict[str, Any]:
    os.environ.update(settings)
    config.cache_clear()
    done = CliRunner().invoke(app, arguments)
    if isinstance(done.exception, GatewayError):
        return {"code": done.exception.exit_code, "told": str(done.exception)}
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return {"code": done.exit_code, "told": done.stdout}


if __name__ == "__main__":
    enter_project(Path.cwd())
    json.dump([run(*each) for each in json.load(sys.stdin)], sys.stdout)
