"""Ids that are known, for some seconds, to be nobody's."""

from __future__ import annotations

import time
from collections import OrderedDict

SECONDS = 5.0
CAPACITY = 10_000


class Negative:
    """Remembers ids without a registered document for ``seconds``; at most ``capacity``, the oldest go."""

    def __init__(self, *, seconds: float = SECONDS, capacity: int = CAPACITY) -> None:
        self.seconds = seconds
        self.capacity = capacity
        self._until: OrderedDict[str, float] = OrderedDict()

    def add(self, document_id: str) -> None:
        """The id has no document."""
        self._until[document_id] = time.monotonic() + self.seconds
        self._until.move_to_end(document_id)
        if len(self._until) > self.capacity:
            self._until.popitem(last=False)

    def __contains__(self, document_id: str) -> bool:
        until = self._until.get(document_id)
        if until is None:
            return False
        if until > time.monotonic():
            return True
        del self._until[document_id]
        return False

    def __len__(self) -> int:
        return len(self._until)

    def clear(self) -> None:
        """Forget all."""
        self._until.clear()
