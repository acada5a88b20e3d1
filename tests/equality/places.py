"""Places of a response that selections are written for, and fragments that may be spread there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.equality.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """Where a selection set stands: its type, how deep, below how many rows (a guess), what it merges with."""

    type: Any
    depth: int
    rows: float
    scope: Scope


@dataclass(frozen=True, slots=True)
class Fragment:
    """A named fragment. ``deepest``: levels below it; ``rows``: rows below one row, a guess."""

    name: str
    type: Any
    text: str
    scope: Scope
    deepest: int
    rows: float
