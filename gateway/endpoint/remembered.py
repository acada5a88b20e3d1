"""A bounded memory by weight: for what is found out about bytes that clients send again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Keeps values by key up to a total of ``most`` weight; those used least recently go. weight: of all it keeps."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.weight = 0
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value of a key, None if it is not at hand."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, value: V, weight: int) -> None:
        """Keep a value, unless it alone is too heavy."""
        if weight > self.most:
            return
        _, before = self._values.pop(key, (None, 0))
        self._values[key] = value, weight
        self.weight += weight - before
        while self.weight > self.most:
            _, (_, gone) = self._values.popitem(last=False)
            self.weight -= gone

    def __len__(self) -> int:
        return len(self._values)
