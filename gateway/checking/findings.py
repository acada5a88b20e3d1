"""What is said of a project: which rule it breaks, where, and what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path


class Level(enum.StrEnum):
    """How bad a finding is. An error fails, is unsafe, or costs every request; a warning is worth a decision."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A line, from 1, of a file; no line: the file as a whole, or a setting that the environment holds."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds. name: what breaks it, as its reader knows it (``Book.copies``). advice: what to do."""

    place: Place
    name: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found, under the code and the level of its rule."""

    code: str
    level: Level
    file: str
    line: int | None
    name: str
    message: str
    advice: str


def shown(path: Path) -> str:
    """A path as it is seen from the folder of the command."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
