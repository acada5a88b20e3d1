"""Commands, settings and JSON that pages show are such as Larder takes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gateway.cli import app
from gateway.config import Config, setting_names
from gateway.observing.families import BY_NAME
from tests.docs.pages import PAGES, fences, name

ELSEWHERE = {"LARDER_MAX_PAGE", "LARDER_WHEEL"}  # a Django setting of that name, and a variable of the tutorial
OLD_PAGES = {"CHANGELOG.md"}
PARTS = ("_bucket", "_count", "_sum")


def lines(page: Path) -> list[str]:
    """The commands that a page shows, one a line, as they are typed."""
    typed = "\n".join(fences(page, "sh", "console")).replace("\\\n", " ")
    return [line.removeprefix("$ ").removeprefix(".venv/bin/") for line in typed.splitlines()]


def words(line: str) -> list[str]:
    """A command's own words: up to what a shell makes of the rest, and without the comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if set(word) <= set("|&;<>()"):
            break
        found.append(word)
    return found


def unknown(words: list[str]) -> str | None:
    """The first word that names neither a command nor one of its options."""
    command: Any = get_command(app)
    rest = words[1:]
    while rest and isinstance(command, TyperGroup):
        if rest[0] not in command.commands:
            return rest[0]
        command = command.commands[rest.pop(0)]
    if command.ignore_unknown_options:
        return None
    options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
    return next((word for word in rest if word.startswith("--") and word.partition("=")[0] not in options), None)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    shown = [line for line in lines(page) if re.match(r"larder\b", line) and "…" not in line]

    assert [line for line in shown if unknown(words(line))] == []


def test_the_check_of_commands_finds_what_does_not_exist() -> None:
    assert unknown(words("larder sync rum canteens")) == "rum"
    assert unknown(words("larder sync runs --hold  # a comment")) == "--hold"
    assert unknown(words("larder sync runs --held | head")) is None


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in OLD_PAGES], ids=name)
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {setting_names(field)[0] for field in Config.model_fields} | ELSEWHERE
    named = set(re.findall(r"\bLARDER_[A-Z_]*[A-Z]\b(?![_A-Z]*…|_…)", page.read_text(encoding="utf-8")))

    assert named <= known


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_metrics_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"\blarder_[a-z_]*(?:_total|_seconds|_bytes|_waiters|_runs|_rows)(?:_\w+)?\b", page.read_text())

    assert {re.sub(rf"({'|'.join(PARTS)})$", "", metric) for metric in named} <= set(BY_NAME)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_bodies_that_are_sent_are_json(page: Path) -> None:
    typed = "\n".join(fences(page, "sh", "console"))

    for body in re.findall(r"-d '(\{.*?\})'(?:$|\s)", typed, re.DOTALL | re.MULTILINE):
        json.loads(body)
