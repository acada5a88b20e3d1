"""What one kind of supplier publishes, behind the faults that all simulators share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from sync.simulators.anatomy import Anatomy
from sync.simulators.http import Answer, Exchange

Action = Callable[[bytes], Awaitable[None]]
"""Takes the body of a request. Raises ``SimulatorError``, or msgspec's errors, for one that makes no sense."""


class Supply(Protocol):
    """One kind of supplier, healthy."""

    anatomy: Anatomy
    """Where faults of content find what they change."""

    def now(self) -> datetime:
        """The supplier's clock, aware, in UTC: what the Date header says."""
        ...

    def describe(self) -> dict[str, Any]:
        """What ``GET /_simulator`` tells of it."""
        ...

    def actions(self) -> Mapping[str, Action]:
        """Name → what ``POST /_simulator/<name>`` does."""
        ...

    def answer(self, exchange: Exchange) -> Answer:
        """The right answer, in full: faults and conditional GET are the simulator's."""
        ...


def utc_now() -> datetime:
    return datetime.now(UTC)
