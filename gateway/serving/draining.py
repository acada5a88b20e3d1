"""The end of a process: it says that it is no longer ready before it stops accepting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Drain:
    """begun: whether the process was told to stop. Every answer then closes its connection."""

    begun: bool = False


DRAIN = Drain()
"""That of this process: the server begins it, health and connections look at it."""
