"""Room for what strangers have checked: bounded in all, and shared fairly among those who ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.identity.authenticators import unavailable


class Places:
    """Room for ``count`` pieces of work at a time.

    A client gets another place while fewer are its own than are free, so that one alone gets half of them, and whoever
    comes next finds half of the rest (Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
    Switches", IEEE/ACM Transactions on Networking 6(2), 1998).
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self._held: Counter[str] = Counter()

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """Hold a place during the block. Raises ``RequestError`` where the client gets none."""
        if self._held.get(client, 0) >= self.free:
            raise unavailable("Too many credentials wait to be checked.")
        self.free -= 1
        self._held[client] += 1
        try:
            yield
        finally:
            self.free += 1
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]
