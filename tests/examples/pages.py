"""The fenced blocks of a page: files to be written, commands to be typed, and what they print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = {"graphql", "json", "python", "toml"}


@dataclass(frozen=True)
class File:
    """A text for a file: all of it, or more at its ``end`` or ``beginning``."""

    path: str
    part: str
    text: str


@dataclass
class Typed:
    """Commands for a terminal, ``""`` the first one, and what the page shows of their output."""

    terminal: str
    commands: str
    shown: str = ""
    printed: str = field(default="", repr=False)


def steps(page: Path) -> Iterator[File | Typed]:
    """What a reader does, in order. A block after commands is what they print."""
    typed: Typed | None = None
    end = 0
    text = page.read_text(encoding="utf-8")
    for block in FENCE.finditer(text):
        language, words, body = block.groups()
        follows = typed is not None and not text[end : block.start()].strip()
        end = block.end()
        if typed is not None and follows and not words and language != "sh":
            typed.shown = body
            continue
        if typed is not None:
            yield typed
            typed = None
        if language == "sh":
            typed = Typed(words, body)
        elif words and language in FILES:
            path, _, part = words.partition(" ")
            yield File(path, part.strip("()"), body)
    if typed is not None:
        yield typed
