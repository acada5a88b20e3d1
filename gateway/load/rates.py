"""Rate limits: how many requests one client may send.

A process takes a few requests of a client's at a time from the common count and keeps them in a *purse* for a second at
most, so that an answer out of memory costs no round trip to Redis.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from limits import RateLimitItem, parse_many

from gateway.endpoint.errors import RequestError
from gateway.load.tallies import Tallies

SHARE = 50
"""A purse has a fiftieth of the smallest limit: so much may be refused too early, or pass too late, by each process."""

LARGEST = 1000
KEPT_SECONDS = 1.0
REFUSED_SECONDS = 0.25
"""How long a refusal is repeated without asking again."""

CLIENTS = 20_000


class RateLimited(RequestError):
    """The client has sent more requests than it may.

    Headers as in draft-ietf-httpapi-ratelimit-headers-10; https://www.rfc-editor.org/rfc/rfc6585#section-4.
    """

    def __init__(self, limit: RateLimitItem, seconds: float) -> None:
        wait = max(1, ceil(seconds))
        name = f'"{limit.amount}-per-{limit.get_expiry()}-s"'
        super().__init__(
            429,
            "RATE_LIMITED",
            f"more than {limit}: try again in {wait} s",
            (
                (b"retry-after", str(wait).encode()),
                (b"ratelimit-policy", f"{name};q={limit.amount};w={limit.get_expiry()}".encode()),
                (b"ratelimit", f"{name};r=0;t={wait}".encode()),
            ),
        )


@dataclass(slots=True, eq=False)
class Purse:
    """What one client may still send through this process. until: when the rest of it expires."""

    left: int = 0
    until: float = 0.0
    wanted: int = 0
    refused: tuple[RateLimitItem, float] | None = None
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """``await rates.count(key)`` counts one request of a client.

    limits: such as ``100/second;5000/minute``. clock: seconds.
    """

    def __init__(self, limits: str, tallies: Tallies, *, clock: Callable[[], float] = time.monotonic) -> None:
        # The shortest first: a client that it refuses does not use up the longer ones.
        self.limits = tuple(sorted(parse_many(limits), key=lambda limit: limit.get_expiry()))
        self.purse = max(1, min(LARGEST, *(limit.amount // SHARE for limit in self.limits)))
        self.kept_seconds = min(KEPT_SECONDS, self.limits[0].get_expiry() / 2)
        self.tallies = tallies
        self.clock = clock
        self.refused = 0
        self._purses: dict[str, Purse] = {}

    async def open(self) -> None:
        """Nothing: Redis is connected to when it is needed."""

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self.tallies.close()

    async def count(self, key: str) -> None:
        """Count one request. Raises ``RateLimited``."""
        if not self.pay(key):
            await self.charge(key)

    def pay(self, key: str) -> bool:
        """Whether the purse pays for one request; otherwise ``charge`` it."""
        purse = self._purses.get(key)
        if purse is None or not purse.left or self.clock() >= purse.until:
            return False
        purse.left -= 1
        return True

    async def charge(self, key: str) -> None:
        """Fill the purse and pay for one request. Raises ``RateLimited``."""
        purse = self._purses.get(key) or self._new_purse(key)
        purse.wanted += 1
        try:
            async with purse.filling:
                if not self.pay(key):
                    await self._fill(key, purse)
        finally:
            purse.wanted -= 1

    def refund(self, key: str) -> None:
        """Give one request back that was paid for but counts for somebody else: the client has one more to send.

        For as long as the shortest limit's window, since it is counted there.
        """
        purse = self._purses.get(key)
        if purse is None:
            return
        now = self.clock()
        if now >= purse.until:
            purse.left = 0
        purse.left, purse.refused = purse.left + 1, None
        purse.until = now + self.limits[0].get_expiry()

    async def _fill(self, key: str, purse: Purse) -> None:
        now = self.clock()
        if purse.refused is not None and now < purse.until:
            self.refused += 1
            raise RateLimited(purse.refused[0], purse.refused[1] - now)
        refusal, cost = None, max(self.purse, purse.wanted)
        while cost:
            refusal = await self.tallies.take(self.limits, key, cost)
            if refusal is None:
                purse.left, purse.until, purse.refused = cost - 1, now + self.kept_seconds, None
                return
            # Near the limit there is less than a purse left.
            cost //= 2
        if refusal is not None:
            limit, seconds = refusal
            purse.left, purse.until = 0, now + min(REFUSED_SECONDS, seconds)
            purse.refused = (limit, now + seconds)
            self.refused += 1
            raise RateLimited(limit, seconds)

    def _new_purse(self, key: str) -> Purse:
        if len(self._purses) >= CLIENTS:
            now = self.clock()
            self._purses = {name: kept for name, kept in self._purses.items() if now < kept.until or kept.wanted}
            if len(self._purses) >= CLIENTS:
                del self._purses[next(iter(self._purses))]
        purse = self._purses[key] = Purse()
        return purse
