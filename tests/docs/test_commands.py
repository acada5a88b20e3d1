"""Every command is documented, and nothing else is; each tells of itself in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

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


def spoken(command: Any, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """A command and all below it, by full name."""
    yield name, command
    if isinstance(command, TyperGroup):
        for below, child in command.commands.items():
            yield from spoken(child, f"{name} {below}")


SPOKEN = dict(spoken(get_command(app), "larder"))


@pytest.mark.parametrize("name", SPOKEN)
def test_help_begins_with_a_sentence(name: str) -> None:
    first = (SPOKEN[name].help or "").split("\n\n")[0].replace("\n", " ")

    assert re.fullmatch(r"[A-Z].*\.", first)


@pytest.mark.parametrize("name", SPOKEN)
def test_every_option_and_argument_has_a_help(name: str) -> None:
    for parameter in SPOKEN[name].params:
        if parameter.name == "help":
            continue
        told = getattr(parameter, "help", None) or ""
        assert re.fullmatch(r"[A-Z].*[.)]", told, re.DOTALL), parameter.opts


@pytest.mark.parametrize("name", [name for name, command in SPOKEN.items() if isinstance(command, TyperGroup)])
def test_lists_of_commands_are_not_cut_off(name: str) -> None:
    listed = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*name.split()[1:], "--help"], terminal_width=80).output

    assert "Commands:" in listed
    assert "..." not in listed.partition("Commands:")[2]
