"""Labels of metrics, of which there are so many and no more."""

from __future__ import annotations

OTHER = "other"


class Names:
    """The first ``capacity`` distinct names keep theirs; every later one is ``other``."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._known: dict[str, str] = {}

    def label(self, name: str, *, claims: bool = True) -> str:
        """What a name is told as. claims: whether it may take a free place, if it is new."""
        known = self._known.get(name)
        if known is not None:
            return known
        if not claims or len(self._known) >= self.capacity:
            return OTHER
        self._known[name] = name
        return name
