"""Python text as a formatter leaves it: one line where that fits, else one argument a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

WIDTH = 88
"""Of the formatters' defaults. What is split ends in a comma, so that wider ones leave it as it is."""


def called(start: str, arguments: Sequence[str], *, indent: int = 0, end: str = ")") -> str:
    """A call after ``start``, which is its beginning up to the bracket."""
    margin = " " * indent
    line = f"{margin}{start}{', '.join(arguments)}{end}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    inner = "".join(f"{margin}    {argument},\n" for argument in arguments)
    return f"{margin}{start}\n{inner}{margin}{end}"


def quoted(text: str) -> str:
    """A text as a literal."""
    return json.dumps(text, ensure_ascii=False)


def imported(names: Iterable[str]) -> list[str]:
    """``from … import …`` for full names, one statement a module, sorted."""
    by_module: dict[str, set[str]] = {}
    for full in names:
        module, _, name = full.rpartition(".")
        by_module.setdefault(module, set()).add(name)
    lines = []
    for module, found in sorted(by_module.items()):
        line = f"from {module} import {', '.join(sorted(found))}"
        lines.append(line if len(line) <= WIDTH else called(f"from {module} import (", sorted(found)))
    return lines
