"""A bounded memory of values that are good until a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, each with the monotonic time until which it is good; at most ``capacity``, the oldest put goes.

    A value that has passed its time is told by ``last`` still: for when it cannot be had anew.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._values: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K, now: float) -> V | None:
        """The value of a key that is good at ``now``."""
        found = self._values.get(key)
        return found[0] if found is not None and found[1] > now else None

    def last(self, key: K) -> tuple[V, float] | None:
        """The value of a key and until when it was good, good or not."""
        return self._values.get(key)

    def put(self, key: K, value: V, until: float) -> None:
        """Keep a value."""
        self._values[key] = value, until
        self._values.move_to_end(key)
        if len(self._values) > self.capacity:
            self._values.popitem(last=False)

    def forget(self, key: K) -> None:
        """Drop the value of a key."""
        self._values.pop(key, None)
