"""What is said of an object that cannot be read."""

from __future__ import annotations

import re

ID = re.compile(r"[^\s/]{1,192}")
ID_RULE = "an id must have 1 to 192 characters, none of them a space or a slash"
SHOWN = 120


class Unreadable(Exception):
    """One object breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = shown(value)


def shown(value: object) -> str:
    """``value`` as an operator reads it, shortened."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
