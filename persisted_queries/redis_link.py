"""Redis or Valkey, never waited for long: every command has a deadline, and a breaker leaves a sick server alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError, ResponseError

from persisted_queries.breaker import Breaker
from persisted_queries.deadlines import Deadlines

T = TypeVar("T")

TIMEOUT_SECONDS = 0.05
WRITE_SECONDS = 1.0
CONNECTIONS = 16
PROBED = "larder:probe"


class RedisUnavailable(Exception):
    """Redis does not answer in time, refuses, or is left alone by the breaker."""


class RedisLink:
    """One pool of connections.

    A command takes ``timeout_seconds`` at most, and nothing at all while the breaker is open. counters: failures,
    refused (by the breaker), and what the users of the link count.
    """

    def __init__(self, redis_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, rest_seconds: float = 1.0) -> None:
        self.timeout_seconds = timeout_seconds
        self.counters: Counter[str] = Counter()
        self.breaker = Breaker(self._well, rest_seconds=rest_seconds)
        self._deadlines = Deadlines()
        self._redis: Redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                redis_url,
                max_connections=CONNECTIONS,
                timeout=timeout_seconds,
                socket_connect_timeout=timeout_seconds,
                socket_timeout=WRITE_SECONDS,
                # One more try at once: the server may have closed an idle connection.
                retry=Retry(NoBackoff(), 1, (ConnectionLost,)),
            )
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.breaker.stop()
        await self._deadlines.stop()
        await self._redis.aclose()

    async def ask(self, command: Callable[[Redis], Awaitable[T]], *, seconds: float | None = None) -> T:
        """The answer to a command. Raises ``RedisUnavailable``, also for what Redis refuses."""
        if self.breaker.open:
            self.counters["refused"] += 1
            raise RedisUnavailable
        try:
            answer = await self._deadlines.within(seconds or self.timeout_seconds, self._send(command))
        except ResponseError as error:
            # It answers, so it is well; a wrong type or a full memory is that command's affair.
            self.counters["failures"] += 1
            self.breaker.succeeded()
            raise RedisUnavailable from error
        except (RedisError, OSError) as error:
            self.counters["failures"] += 1
            self.breaker.failed()
            raise RedisUnavailable from error
        self.breaker.succeeded()
        return answer

    async def _send(self, command: Callable[[Redis], Awaitable[T]]) -> T:
        return await command(self._redis)

    async def _well(self) -> bool:
        async def probe(redis: Redis) -> Any:
            return await redis.get(PROBED)

        try:
            await self._deadlines.within(self.timeout_seconds, self._send(probe))
        except (RedisError, OSError):
            return False
        return True
