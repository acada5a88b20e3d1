"""What every contestant is."""

from __future__ import annotations

from typing import Protocol

from benchmarks.operations import Operation, Variables


class Contestant(Protocol):
    """One way to answer the operations. Every one gives the same bytes."""

    statements: int
    """Data statements sent so far: without BEGIN, COMMIT and a clock read by itself."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect."""

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        """The response body, ``{"data": …}``."""
