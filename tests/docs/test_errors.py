"""Every code that a client can see is documented, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.limits.rules import RULES
from loaders.errors import LarderError
from persisted_queries.errors import DocumentError

ROOT = Path(__file__).parents[2]


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE))


def raised_by_the_gateway() -> set[str]:
    found = {rule.code for rule in RULES}
    for module in (ROOT / "gateway").rglob("*.py"):
        text = module.read_text()
        found.update(re.findall(r'RequestError\([^,]*,\s*"([A-Z_]+)"', text))
        found.update(re.findall(r'__init__\(\s*\d+,\s*"([A-Z_]+)"', text))
        found.update(re.findall(r'(?:return|else) "([A-Z_]{4,})"', text))
        found.update(re.findall(r'"code": "([A-Z_]+)"', text))
    return found


def codes_below(kind: type[LarderError | DocumentError]) -> set[str]:
    return {kind.code}.union(*(codes_below(below) for below in kind.__subclasses__()))


def test_every_code_is_documented() -> None:
    abstract = {"BAD_REQUEST"}
    raised = raised_by_the_gateway() | codes_below(LarderError) | codes_below(DocumentError)
    assert documented() | abstract == raised | abstract
