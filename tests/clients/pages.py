"""The code blocks of docs/clients, which are the code that the tests run.

A block's first line names its file: `````js src/client.js``. Blocks of ``sh`` are commands. Words behind that are the
variants of the page that a block belongs to; a block without any belongs to all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "clients"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Block:
    """One code block; ``file`` is empty for commands."""

    file: str
    variants: tuple[str, ...]
    code: str


def page_names() -> list[str]:
    """The pages of clients, sorted."""
    return sorted(path.stem for path in PAGES.glob("[a-z]*.md"))


def blocks_of(page: str) -> list[Block]:
    """A page's blocks, in order."""
    found = []
    for language, line, code in BLOCK.findall((PAGES / f"{page}.md").read_text()):
        words = line.split()
        file = "" if language == "sh" else words.pop(0)
        found.append(Block(file, tuple(words), code))
    return found


def variants_of(page: str) -> list[str]:
    """The variants of a page, in the order in which it tells them; one without a name if it tells none."""
    named = [variant for block in blocks_of(page) for variant in block.variants if variant != INSTALL]
    return list(dict.fromkeys(named)) or [""]


def installed_by(page: str) -> set[str]:
    """The packages that a page's install commands name."""
    commands = [block.code for block in blocks_of(page) if INSTALL in block.variants]
    return {word for code in commands for word in code.split() if not word.startswith("--")} - {"npm", "pip", "install"}


def write(page: str, variant: str, folder: Path, replaced: dict[str, str]) -> str:
    """Write a variant's files into ``folder``. Returns: its commands, in order, as one script."""
    commands = ["set -eu"]
    for block in blocks_of(page):
        if INSTALL in block.variants or (block.variants and variant not in block.variants):
            continue
        code = block.code
        for shown, meant in replaced.items():
            code = code.replace(shown, meant)
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(code)
        else:
            commands.append(code)
    return "\n".join(commands)
