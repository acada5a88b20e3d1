"""Where in a menu something stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, entries

DEPTH = 32
"""How deep menu groups may nest."""


@dataclass(frozen=True, slots=True)
class Place:
    """A menu by its guid and the key of its hours, and the guids of the groups around the place, outermost first."""

    menu: str
    hours: str | None
    channels: Sequence[str]
    path: tuple[str, ...] = ()

    def inside(self, group: str, channels: Sequence[str]) -> Place:
        """The place one group deeper."""
        return replace(self, channels=channels, path=(*self.path, group))

    def groups(self, entry: dict[str, Any]) -> list[Any]:
        """The groups in the entry that stands here. Raises ``Unreadable``."""
        listed = entries(entry, "menuGroups")
        if listed and len(self.path) == DEPTH:
            raise Unreadable(f"menu groups must nest at most {DEPTH} deep", self.path[-1])
        return listed

    def key(self, reading: Reading, channel: str) -> str:
        """The key of the innermost section."""
        return reading.key(self.menu, channel, *self.path)

    def parent(self, reading: Reading, channel: str) -> str | None:
        """The key of the section around it, None for one directly in the menu."""
        return reading.key(self.menu, channel, *self.path[:-1]) if len(self.path) > 1 else None
