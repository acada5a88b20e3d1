"""Where requests are counted against limits: in Redis for all processes, in memory while there is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 0.1
REST_SECONDS = 1.0
CONNECTIONS = 8

log = structlog.get_logger(__name__)


class Tallies:
    """Counts with sliding windows (https://limits.readthedocs.io/en/stable/strategies.html#sliding-window-counter).

    redis_url: None to count in this process alone. A Redis that fails or takes 0.1 s is left alone for a second; each
    process counts for itself meanwhile, from zero.
    """

    def __init__(self, redis_url: str | None) -> None:
        self.failures = 0
        self._memory = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._rests_until = 0.0
        self._pool: Any = None
        self._redis: SlidingWindowCounterRateLimiter | None = None
        if redis_url is not None:
            self._pool = BlockingConnectionPool.from_url(
                redis_url, max_connections=CONNECTIONS, timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
            # The library would parse an address its own way, so it gets none.
            storage = RedisStorage(
                "async+redis://", implementation="redispy", key_prefix="larder:rate", connection_pool=self._pool
            )
            self._redis = SlidingWindowCounterRateLimiter(storage)

    async def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def take(self, limits: Sequence[RateLimitItem], key: str, cost: int) -> tuple[RateLimitItem, float] | None:
        """Count ``cost`` requests against every limit, in their order.

        Returns the first limit that has not so many left, and the seconds until it has one more; None if all have.
        """
        if self._redis is not None and time.monotonic() >= self._rests_until:
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    return await _taken(self._redis, limits, key, cost)
            except (RedisError, OSError) as error:
                self._rests_until = time.monotonic() + REST_SECONDS
                self.failures += 1
                log.warning("rate limits are counted in this process alone", error=repr(error))
        return await _taken(self._memory, limits, key, cost)


async def _taken(
    limiter: SlidingWindowCounterRateLimiter, limits: Sequence[RateLimitItem], key: str, cost: int
) -> tuple[RateLimitItem, float] | None:
    for limit in limits:
        if not await limiter.hit(limit, key, cost=cost):
            stats = await limiter.get_window_stats(limit, key)
            return limit, max(0.0, stats.reset_time - time.time())
    return None
