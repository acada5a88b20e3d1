"""The pages that people read, on the forge as on the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (*sorted(DOCS.rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")))
FENCE = re.compile(r"^(`{3,})(\w*)[^\n]*\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def fences(page: Path, *languages: str) -> list[str]:
    """The texts of a page's fences in these languages."""
    return [text for _, language, text in FENCE.findall(page.read_text(encoding="utf-8")) if language in languages]


def prose(page: Path) -> str:
    """A page without its fences."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> Iterator[tuple[int, str]]:
    """Level and text of each heading."""
    for marks, text in re.findall(r"^(#{1,6}) +(.*?) *$", prose(page), re.MULTILINE):
        yield len(marks), text


def anchors(page: Path) -> set[str]:
    """What a link may name behind the #: headings in small letters, without what is neither letter, digit nor dash."""
    found: set[str] = set()
    for _, text in headings(page):
        spoken = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", spoken).replace(" ", "-")
        found.add(anchor if anchor not in found else f"{anchor}-1")
    return found
