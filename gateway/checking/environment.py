"""Where a setting is made: a line of ``.env``, or the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from gateway.checking.findings import Place, shown
from gateway.config import setting_names

SETS = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
OUTSIDE = "the environment"


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of the folder's ``.env``, as far as the environment does not say otherwise."""

    file: Path = field(default_factory=lambda: Path.cwd() / ".env")

    def place(self, setting: str) -> Place:
        """Where the setting has its value from. setting: a field of ``Config``."""
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return Place(OUTSIDE)
        values = dotenv_values(self.file)
        for name in setting_names(setting):
            written = [number for number, line in enumerate(lines, start=1) if names(line) == name]
            if written and os.environ.get(name) == values.get(name):
                return Place(shown(self.file), written[-1])
        return Place(OUTSIDE)


def names(line: str) -> str | None:
    """The setting that a line of ``.env`` makes."""
    found = SETS.match(line)
    return found[1] if found else None
