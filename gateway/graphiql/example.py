"""One example."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One operation to begin with. query: its document. variables: JSON, ``""`` for none."""

    name: str
    description: str
    query: str
    variables: str = ""
