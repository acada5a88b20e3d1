"""Every command is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from gateway.cli import app

ROOT = Path(__file__).parents[2]


def commands(app: typer.Typer, prefix: str) -> set[str]:
    """Full names of the commands of ``app`` and of its groups."""
    found = set()
    for command in app.registered_commands:
        assert command.callback is not None
        found.add(f"{prefix} {command.name or command.callback.__name__}")
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found |= commands(group.typer_instance, f"{prefix} {group.name}")
    return found


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(larder [^`]+)` \|", text, re.MULTILINE)) == commands(app, "larder")
