"""Grants that all processes share: hashes ``larder:viewer:<HMAC of the subject>`` in Redis, sealed.

Redis is shared, and a value in it decides what somebody sees. So the name of a key tells nobody's name, and a seal
(HMAC-SHA256 under a key that the processes share) covers the value together with its name.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from math import ceil
from types import MappingProxyType
from typing import Any

import msgspec
from redis.asyncio import Redis

from gateway.identity.grants import Granted
from persisted_queries.redis_link import RedisLink, RedisUnavailable

PREFIX = "larder:viewer:"
FIELDS = ("scopes", "facets", "loaded", "seal")


class RedisGrants:
    """Grants in Redis for ``seconds``. counters of the link: hits, misses, poisoned.

    secret: what names and values are sealed with, the same in all processes.
    """

    def __init__(self, link: RedisLink, *, secret: bytes, seconds: float) -> None:
        self.link = link
        self.secret = secret
        self.seconds = seconds

    async def get(self, subject: str) -> Granted | None:
        """What is kept of a subject; None also where Redis is not well, or holds what was never written."""
        key = self.key_of(subject)

        async def read(redis: Redis) -> Any:
            return await redis.hmget(key, list(FIELDS))

        try:
            values = await self.link.ask(read)
        except RedisUnavailable:
            return None
        if all(value is None for value in values):
            self.link.counters["misses"] += 1
            return None
        granted = self.granted_of(key, [value or b"" for value in values])
        self.link.counters["poisoned" if granted is None else "hits"] += 1
        return granted

    async def put(self, subject: str, granted: Granted) -> None:
        """Keep what a subject was granted; given up where Redis is not well."""
        key = self.key_of(subject)
        parts = [
            msgspec.json.encode(sorted(granted.scopes)),
            msgspec.json.encode(dict(granted.facets)),
            msgspec.json.encode(granted.loaded),
        ]
        values: dict[Any, Any] = dict(zip(FIELDS, [*parts, self.seal_of(key, parts)], strict=True))

        async def write(redis: Redis) -> None:
            async with redis.pipeline() as pipeline:
                # A key that somebody else has made another type of is in the way of HSET.
                pipeline.delete(key)
                pipeline.hset(key, mapping=values)
                pipeline.expire(key, ceil(self.seconds))
                await pipeline.execute()

        try:
            await self.link.ask(write)
        except RedisUnavailable:
            return

    def key_of(self, subject: str) -> str:
        """The name under which a subject is kept."""
        return PREFIX + hmac.new(self.secret, b"viewer " + subject.encode(), "sha256").hexdigest()

    def seal_of(self, key: str, parts: Sequence[bytes]) -> bytes:
        """The seal of a value under its name; no part contains a line break."""
        return hmac.digest(self.secret, b"\n".join([b"grant", key.encode(), *parts]), "sha256")

    def granted_of(self, key: str, values: Sequence[bytes]) -> Granted | None:
        """What the values of ``FIELDS`` say, None where they are not what was written."""
        *parts, seal = values
        if not hmac.compare_digest(seal, self.seal_of(key, parts)):
            return None
        scopes, facets, loaded = parts
        return Granted(
            frozenset(msgspec.json.decode(scopes, type=list[str])),
            MappingProxyType(msgspec.json.decode(facets, type=dict[str, str])),
            msgspec.json.decode(loaded, type=float),
        )
