"""How busy a set of lanes is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaneUsage:
    """Open lanes at work and idle, and operations that wait for one."""

    busy: int
    idle: int
    waiting: int
