"""Automatic persisted queries: texts that clients register themselves, by their SHA-256. Never in PostgreSQL."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any

from persisted_queries.documents import sha256_of
from persisted_queries.redis_link import RedisUnavailable
from persisted_queries.redis_tier import RedisTier

TTL_SECONDS = 24 * 3600
DOCUMENT_BYTES = 32 * 1024
CAPACITY = 10_000
CAPACITY_BYTES = 64 * 1024 * 1024
LOCAL_CAPACITY = 1_000
LOCAL_BYTES = 8 * 1024 * 1024

# One hash tag: a script may touch only keys of one slot of a cluster.
TEXT = "larder:{registrations}:text:"
QUEUE = "larder:{registrations}:queue"
BYTES = "larder:{registrations}:bytes"

PUT = """
local queue, total, text = KEYS[1], KEYS[2], KEYS[3]
local prefix, sha, value, ttl, most, most_bytes, now = unpack(ARGV)
ttl, most, most_bytes, now = tonumber(ttl), tonumber(most), tonumber(most_bytes), tonumber(now)
if redis.call('EXISTS', text) == 1 then return 0 end
if redis.call('EXISTS', queue) == 0 then redis.call('DEL', total) end
if redis.call('EXISTS', queue) == 1 and redis.call('EXISTS', total) == 0 then
    local sum = 0
    for _, item in ipairs(redis.call('LRANGE', queue, 0, -1)) do sum = sum + tonumber(item:match('^%x+ (%d+)')) end
    redis.call('SET', total, sum)
end
redis.call('SET', text, value, 'EX', ttl)
redis.call('RPUSH', queue, sha .. ' ' .. #value .. ' ' .. (now + ttl))
local bytes = redis.call('INCRBY', total, #value)
while true do
    local size, expires
    local gone, first = nil, redis.call('LINDEX', queue, 0)
    gone, size, expires = first:match('^(%x+) (%d+) (%d+)$')
    if tonumber(expires) > now and redis.call('LLEN', queue) <= most and bytes <= most_bytes then break end
    redis.call('LPOP', queue)
    bytes = redis.call('DECRBY', total, size)
    redis.call('DEL', prefix .. gone)
    if redis.call('LLEN', queue) == 0 then break end
end
redis.call('EXPIRE', queue, ttl)
redis.call('EXPIRE', total, ttl)
return 1
"""
"""Keeps a text and the bounds in one step: the queue holds what is kept, oldest first, as ``sha256 bytes expires``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What registrations may take: one text, all of them, and for how long."""

    document_bytes: int = DOCUMENT_BYTES
    capacity: int = CAPACITY
    capacity_bytes: int = CAPACITY_BYTES
    local_capacity: int = LOCAL_CAPACITY
    local_bytes: int = LOCAL_BYTES
    ttl_seconds: int = TTL_SECONDS


class Registrations:
    """Texts by SHA-256: in Redis for all processes, and the ones used last in this process.

    Without Redis, or while it is not well, each process has its own. Whatever Redis answers is hashed again. The Redis
    tier belongs to the registry, which opens and closes it. counters: local, redis, misses, poisoned, kept, refused.
    """

    def __init__(self, redis: RedisTier | None, limits: Limits | None = None) -> None:
        self.redis = redis
        self.limits = limits or Limits()
        self.counters: Counter[str] = Counter()
        self._local = LocalTexts(self.limits)

    async def get(self, sha256: str) -> str | None:
        """The text that was registered under its SHA-256 (lowercase hex)."""
        text = self._local.get(sha256)
        if text is not None:
            self.counters["local"] += 1
            return text
        text = await self._from_redis(sha256)
        if text is None:
            self.counters["misses"] += 1
            return None
        self.counters["redis"] += 1
        self._local.put(sha256, text)
        return text

    async def put(self, sha256: str, text: str) -> None:
        """Register a text, which has to have that SHA-256 (``ValueError``); one that is too long is not kept."""
        if sha256_of(text) != sha256:
            raise ValueError("the text has another SHA-256")
        if len(text.encode()) > self.limits.document_bytes:
            self.counters["refused"] += 1
            return
        self.counters["kept"] += 1
        self._local.put(sha256, text)
        await self._to_redis(sha256, text)

    async def _from_redis(self, sha256: str) -> str | None:
        if self.redis is None:
            return None
        try:
            found: Any = await self.redis.ask(lambda redis: redis.get(TEXT + sha256))
        except RedisUnavailable:
            return None
        if found is None:
            return None
        text: str = found.decode(errors="replace")
        if sha256_of(text) == sha256:
            return text
        self.counters["poisoned"] += 1
        self.redis.forget(TEXT + sha256)
        return None

    async def _to_redis(self, sha256: str, text: str) -> None:
        if self.redis is None:
            return
        limits = self.limits
        values = (TEXT, sha256, text, limits.ttl_seconds, limits.capacity, limits.capacity_bytes, int(time.time()))
        try:
            await self.redis.ask(lambda redis: redis.eval(PUT, 3, QUEUE, BYTES, TEXT + sha256, *values))
        except RedisUnavailable:
            return


class LocalTexts:
    """The texts used last in this process, bounded in number, bytes and age."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes = 0
        self._texts: OrderedDict[str, tuple[str, int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, sha256: str) -> str | None:
        """The text, if it is there and young enough."""
        text, _, until = self._texts.get(sha256, ("", 0, 0.0))
        if not until:
            return None
        if until < time.monotonic():
            self._drop(sha256)
            return None
        self._texts.move_to_end(sha256)
        return text

    def put(self, sha256: str, text: str) -> None:
        """Keep a text; the ones used longest ago go."""
        if sha256 in self._texts:
            self._drop(sha256)
        size = len(text.encode())
        self._texts[sha256] = (text, size, time.monotonic() + self.limits.ttl_seconds)
        self.bytes += size
        while len(self._texts) > self.limits.local_capacity or self.bytes > self.limits.local_bytes:
            self._drop(next(iter(self._texts)))

    def _drop(self, sha256: str) -> None:
        _, size, _ = self._texts.pop(sha256)
        self.bytes -= size
