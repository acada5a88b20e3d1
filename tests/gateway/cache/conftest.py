"""A response cache over a store with one location."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gateway.cache.answers import ResponseCache
    from gateway.cache.heads import HeadWatch
    from tests.gateway.cache.kitchen import Kitchen


@pytest.fixture
def kitchen(store: str) -> Kitchen:
    from tests.gateway.cache.kitchen import Kitchen  # noqa: PLC0415 - models can be imported once Django is set up
    from tests.pantry import Pantry  # noqa: PLC0415 - models can be imported once Django is set up

    Pantry().location("nord", name="one")
    return Kitchen(store)


@pytest.fixture
async def watch(store: str) -> AsyncIterator[HeadWatch]:
    from gateway.cache.heads import HeadWatch, StoreHeads  # noqa: PLC0415 - models can be imported once Django is set up

    watch = HeadWatch(StoreHeads(store))
    await watch.open()
    yield watch
    await watch.close()


@pytest.fixture
async def cache(watch: HeadWatch) -> AsyncIterator[ResponseCache]:
    from gateway.cache.answers import ResponseCache  # noqa: PLC0415 - models can be imported once Django is set up
    from gateway.cache.memory import Memory  # noqa: PLC0415 - models can be imported once Django is set up

    cache = ResponseCache(watch, Memory(1_000_000))
    yield cache
    await cache.close()


@pytest.fixture
def lenient(cache: ResponseCache) -> ResponseCache:
    """The cache, allowed to give what is outdated for a minute."""
    from gateway.cache.answers import Staleness  # noqa: PLC0415 - models can be imported once Django is set up

    cache.staleness = Staleness(while_renewed_seconds=60, if_error_seconds=60)
    return cache
