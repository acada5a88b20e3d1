"""The tier that all processes share: registered documents in Redis or Valkey, never waited for long."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis

from persisted_queries.redis_link import TIMEOUT_SECONDS, WRITE_SECONDS, RedisLink, RedisUnavailable
from persisted_queries.redis_values import FIELDS, Poisoned, reading_of, value_of
from persisted_queries.store import Reading

PREFIX = "larder:document:"
CLAIM = "larder:documents:kept"
TTL_SECONDS = 24 * 3600
PENDING = 5_000
BATCH = 100


class RedisTier(RedisLink):
    """Document text and what belongs to it, by id, in hashes ``larder:document:<id>``.

    Writes are put down and sent later, in batches; at most ``PENDING`` wait. secret: what values are sealed with, the
    same in all processes. counters: hits, misses, failures, refused (by the breaker), poisoned, written, dropped
    (writes).
    """

    def __init__(
        self,
        redis_url: str,
        *,
        secret: bytes = b"larder",
        timeout_seconds: float = TIMEOUT_SECONDS,
        ttl_seconds: int = TTL_SECONDS,
        rest_seconds: float = 1.0,
    ) -> None:
        super().__init__(redis_url, timeout_seconds=timeout_seconds, rest_seconds=rest_seconds)
        self.secret = secret
        self.ttl_seconds = ttl_seconds
        self._pending: OrderedDict[str, Reading | None] = OrderedDict()
        self._put = asyncio.Event()
        self._settled = asyncio.Event()
        self._writing = False
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start writing in the background; returns at once."""
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Stop, and close the connections. What waits to be written is given up."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await super().close()

    async def read(self, document_id: str) -> Reading | None:
        """What Redis holds for an id; None when it holds nothing, is not well, or holds what was never written."""
        try:
            values: Any = await self.ask(lambda redis: redis.hmget(PREFIX + document_id, list(FIELDS)))
        except RedisUnavailable as error:
            if str(error.__cause__).startswith("WRONGTYPE"):
                self._poisoned(document_id)
            return None
        try:
            reading = reading_of(document_id, values, self.secret)
        except Poisoned:
            self._poisoned(document_id)
            return None
        self.counters["misses" if reading is None else "hits"] += 1
        return reading

    def write(self, document_id: str, reading: Reading) -> None:
        """Put down to be written: what an id stands for. Never waits."""
        self._put_down(PREFIX + document_id, reading)

    def forget(self, key: str) -> None:
        """Put down that a key is to be deleted. Never waits."""
        self._put_down(key, None)

    async def claim(self, generation: int, seconds: int) -> bool:
        """Whether this process is the first in ``seconds`` to take on writing what it holds at a generation."""
        try:
            return bool(await self.ask(lambda redis: redis.set(f"{CLAIM}:{generation}", "1", nx=True, ex=seconds)))
        except RedisUnavailable:
            return False

    async def settled(self) -> None:
        """Wait until nothing is put down any more."""
        while self._pending or self._writing:
            self._settled.clear()
            await self._settled.wait()

    def _poisoned(self, document_id: str) -> None:
        self.counters["poisoned"] += 1
        self.forget(PREFIX + document_id)

    def _put_down(self, key: str, reading: Reading | None) -> None:
        self._pending[key] = reading
        self._pending.move_to_end(key)
        if len(self._pending) > PENDING:
            self.counters["dropped"] += 1
            self._pending.popitem(last=False)
        self._put.set()

    async def _write(self) -> None:
        while True:
            await self._put.wait()
            self._put.clear()
            while self._pending:
                self._writing = True
                await self._write_batch(
                    [self._pending.popitem(last=False) for _ in range(min(BATCH, len(self._pending)))]
                )
            self._writing = False
            self._settled.set()

    async def _write_batch(self, batch: list[tuple[str, Reading | None]]) -> None:
        try:
            await self.ask(lambda redis: self._send_batch(redis, batch), seconds=WRITE_SECONDS)
            self.counters["written"] += len(batch)
        except RedisUnavailable:
            self.counters["dropped"] += len(batch)

    async def _send_batch(self, redis: Redis, batch: list[tuple[str, Reading | None]]) -> None:
        async with redis.pipeline(transaction=False) as pipeline:
            for key, reading in batch:
                # A key that somebody else has made another type of is in the way of HSET.
                pipeline.delete(key)
                if reading is not None and reading.document is not None:
                    fields = value_of(key.removeprefix(PREFIX), reading, reading.document, self.secret)
                    pipeline.hset(key, items=[part for field in fields.items() for part in field])
                    pipeline.expire(key, self.ttl_seconds)
            await pipeline.execute()
