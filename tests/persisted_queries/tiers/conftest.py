"""A registry, its Redis emptied, and a Valkey that a test may stop."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from redis.asyncio import Redis

from gateway.embedded.valkey import EmbeddedValkey


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A connection to an empty Redis."""
    async with Redis.from_url(redis_url) as connected:
        await connected.flushdb()
        yield connected


@pytest.fixture
def own_valkey() -> Iterator[EmbeddedValkey]:
    """A Valkey of the test's own."""
    folder = Path(mkdtemp(prefix="larder-valkey-"))
    server = EmbeddedValkey(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)
