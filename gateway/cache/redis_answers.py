"""The second tier: answers in Redis or Valkey, where all processes of a build find them."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import cast

import msgspec

from gateway.cache.entries import Key
from gateway.cache.keys import AnswerKey, digest
from loaders.stamps import Stamp
from persisted_queries.redis_link import WRITE_SECONDS, RedisLink, RedisUnavailable

PREFIX = "larder:answer:"
LONGEST_SECONDS = 3600.0
PENDING = 64
SEAL_BYTES = 32


class Written(msgspec.Struct, array_like=True):
    """What is written beside a body. key: the digest, so that no value passes for another's."""

    key: str
    heads: dict[str, int]
    instant: datetime
    changes_at: datetime | None
    body: bytes


class RedisAnswers:
    """Answers by key, of one build over one store, sealed: Redis is shared, and what is in it is sent to clients.

    store: the name of the store that versions belong to. secret: the seal's key (HMAC-SHA256). Counts on
    ``link.counters``: answers_read, answers_missing, answers_poisoned, answers_written, answers_dropped.
    """

    def __init__(self, link: RedisLink, build: bytes, *, store: Callable[[], str], secret: bytes) -> None:
        self.link = link
        self.build = build
        self.store = store
        self.secret = secret
        self._writing: set[asyncio.Task[None]] = set()

    async def read(self, key: Key) -> tuple[bytes, Stamp] | None:
        """Body and stamp; None when there is none, when it is not what was written, or when Redis does not answer."""
        name = self._name(key)
        try:
            value = await self.link.ask(lambda redis: redis.get(PREFIX + name))
        except RedisUnavailable:
            return None
        if value is None:
            self.link.counters["answers_missing"] += 1
            return None
        written = opened(cast("bytes", value), self.secret)
        if written is None or written.key != name:
            self.link.counters["answers_poisoned"] += 1
            return None
        self.link.counters["answers_read"] += 1
        return written.body, Stamp(written.heads, written.instant, written.changes_at)

    def write(self, key: Key, body: bytes, stamp: Stamp, seconds: float) -> None:
        """Put down to be written, for an hour at most; at most ``PENDING`` wait."""
        if len(self._writing) >= PENDING or self.link.breaker.open:
            self.link.counters["answers_dropped"] += 1
            return
        name = self._name(key)
        value = sealed(Written(name, dict(stamp.heads), stamp.instant, stamp.changes_at, body), self.secret)
        task = asyncio.get_running_loop().create_task(self._write(PREFIX + name, value, min(seconds, LONGEST_SECONDS)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def _name(self, key: Key) -> str:
        return digest(self.build + self.store().encode(), cast("AnswerKey", key))

    async def open(self) -> None:
        """Nothing: Redis is connected to when it is needed."""

    async def close(self) -> None:
        """Give up what waits to be written, and close the connections."""
        tasks = list(self._writing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.link.close()

    async def _write(self, name: str, value: bytes, seconds: float) -> None:
        try:
            await self.link.ask(
                lambda redis: redis.set(name, value, px=max(int(seconds * 1000), 1)), seconds=WRITE_SECONDS
            )
            self.link.counters["answers_written"] += 1
        except RedisUnavailable:
            self.link.counters["answers_dropped"] += 1


def sealed(written: Written, secret: bytes) -> bytes:
    """As it stands in Redis: the seal, then MessagePack."""
    text = msgspec.msgpack.encode(written)
    return hmac.digest(secret, text, "sha256") + text


def opened(value: bytes, secret: bytes) -> Written | None:
    """What was sealed; None for anything else."""
    seal, text = value[:SEAL_BYTES], value[SEAL_BYTES:]
    if not hmac.compare_digest(seal, hmac.digest(secret, text, "sha256")):
        return None
    try:
        return msgspec.msgpack.decode(text, type=Written)
    except msgspec.MsgspecError:
        return None
