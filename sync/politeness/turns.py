"""Waits for a request's turn, and tells the allowances what came of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime

from sync.errors import DocumentRefused
from sync.politeness.allowances import Allowances, Failure, Turn
from sync.politeness.rates import Bucket

CLOSED_RULE = "the supplier must not be asked yet"
RATE_RULE = "a request must have its turn before the pull ends"
SPREAD_SECONDS = 0.1


class Closed(DocumentRefused):
    """The source is closed until ``until`` (UTC), for longer than anybody waits."""

    def __init__(self, until: datetime, failures: int) -> None:
        in_a_row = f" after {failures} failures in a row" if failures > 1 else ""
        super().__init__(CLOSED_RULE, f"it is left alone until {shown(until)}{in_a_row}")
        self.until = until


class Turns:
    """The turns of one pull, which ends at ``deadline`` by the loop's clock.

    A source that stays closed is waited for up to ``patience_seconds``, by all requests of the pull together. A probe
    that is silent for so long is given up.
    """

    def __init__(self, allowances: Allowances, deadline: float, patience_seconds: float) -> None:
        self._allowances = allowances
        self._deadline = deadline
        self._patience_seconds = patience_seconds
        self._closed_since: float | None = None
        """By the loop's clock, as far as this pull saw; None after a success."""

    async def next(self, buckets: Sequence[Bucket], left_seconds: float) -> Turn:
        """A turn that has come, for a request that may take ``left_seconds``.

        Raises ``Closed`` when the source is closed for longer than anybody waits, and ``DocumentRefused`` when the turn
        would come after the pull's end.
        """
        while True:
            turn = await self._allowances.ask(buckets, self._patience_seconds)
            now = asyncio.get_running_loop().time()
            if turn.closed_until is not None:
                self._closed_since = now if self._closed_since is None else self._closed_since
                patience = min(self._closed_since + self._patience_seconds, self._deadline) - now
                if turn.wait_seconds > min(patience, left_seconds):
                    raise Closed(turn.closed_until, turn.failures)
            elif turn.wait_seconds > self._deadline - now:
                left = f"the end in {self._deadline - now:.1f} s"
                raise DocumentRefused(RATE_RULE, f"the next is in {turn.wait_seconds:.1f} s, {left}")
            if turn.granted:
                await asyncio.sleep(turn.wait_seconds)
                return turn
            spread = random.uniform(0, SPREAD_SECONDS)  # noqa: S311 - spreads load, guards nothing
            await asyncio.sleep(turn.wait_seconds + spread)

    async def succeeded(self, turn: Turn) -> None:
        """The supplier answered."""
        self._closed_since = None
        await self._allowances.succeeded(turn)

    async def failed(self, turn: Turn, failure: Failure) -> datetime | None:
        """The supplier failed. Returns until when it is left alone."""
        return await self._allowances.failed(turn, failure)

    async def aclose(self) -> None:
        """No more turns."""
        await self._allowances.aclose()


def shown(until: datetime) -> str:
    """An instant as an operator reads it, to the second."""
    return f"{until:%Y-%m-%d %H:%M:%S} UTC"
