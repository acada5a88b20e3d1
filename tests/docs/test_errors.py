"""Every code that a client can see is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from loaders.errors import LarderError

ROOT = Path(__file__).parents[2]


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE))


def raised_by_the_endpoint() -> set[str]:
    found: set[str] = set()
    for module in (ROOT / "gateway" / "endpoint").glob("*.py"):
        text = module.read_text()
        found.update(re.findall(r'RequestError\([^,]*,\s*"([A-Z_]+)"', text))
        found.update(re.findall(r'(?:return|else) "([A-Z_]{4,})"', text))
    return found


def codes_below(kind: type[LarderError]) -> set[str]:
    return {kind.code}.union(*(codes_below(below) for below in kind.__subclasses__()))


def test_every_code_is_documented() -> None:
    abstract = {"BAD_REQUEST"}
    assert documented() | abstract == raised_by_the_endpoint() | codes_below(LarderError) | abstract
