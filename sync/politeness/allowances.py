"""What may be asked of a supplier at this moment, by all workers together.

A source has token buckets and one breaker. The breaker opens when the supplier asks for time (429, Retry-After) or
after so many failures in a row, and keeps the source closed until an instant. Past it, one request goes ahead as a
probe (M. Nygard, "Release It!", "Circuit Breaker"); its outcome decides for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.politeness.rates import Bucket

RESERVED_SECONDS = 1.0
"""How far ahead a token may be taken: whoever holds one already sends, also when the source closes meanwhile."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may be sent.

    Granted: after ``wait_seconds``. Else it makes sense to ask again after ``wait_seconds``. ``closed_until``: the
    source is closed, by the clock of the allowances (UTC).
    """

    granted: bool
    wait_seconds: float
    closed_until: datetime | None = None
    failures: int = 0
    """In a row, when asked."""
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed: what it means for those to come.

    ``told_seconds``: the supplier wants to be left alone for so long. From ``opens_after`` failures in a row on, it is
    left alone for ``open_seconds`` at least.
    """

    told_seconds: float
    opens_after: int
    open_seconds: float


class Allowances(Protocol):
    """The buckets and the breaker of one source."""

    async def ask(self, buckets: Sequence[Bucket], probe_seconds: float) -> Turn:
        """A turn that takes a token of each bucket, or none of any. A probe that is silent for so long is given up."""
        ...

    async def succeeded(self, turn: Turn) -> None:
        """The supplier answered a request."""
        ...

    async def failed(self, turn: Turn, failure: Failure) -> datetime | None:
        """A request failed. Returns until when the source is closed."""
        ...

    async def aclose(self) -> None:
        """Let go of what it holds."""
        ...
