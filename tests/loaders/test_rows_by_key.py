"""The loader of one keyed statement: what it batches, aligns and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from loaders.errors import StoreUnavailable
from loaders.rows_by_key import RowsByKey
from loaders.statement import Statement

STATEMENT = Statement("SELECT key_, name FROM somewhere", (), ("key_", "name"))
ROWS = [(1, "a"), (1, "b"), (3, "a")]


class RecordingSession:
    """A session over rows at hand: records the values of every batch."""

    def __init__(self) -> None:
        self.batches: list[Mapping[str, Any]] = []
        self.failure: BaseException | None = None

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        self.batches.append(values)
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        return [row for row in ROWS if row[0] in values["keys"]]


@pytest.fixture
async def session() -> RecordingSession:
    return RecordingSession()


@pytest.fixture
async def loader(session: RecordingSession) -> RowsByKey:
    return RowsByKey(session, STATEMENT, {"limit_": 2})  # type: ignore[arg-type]


async def test_keys_of_one_tick_are_one_batch_without_repetition(session: RecordingSession, loader: RowsByKey) -> None:
    loaded = await asyncio.gather(*(loader.load(key) for key in (3, 1, 2, 1)))

    assert session.batches == [{"limit_": 2, "keys": [3, 1, 2]}]
    assert loaded == [[("a",)], [("a",), ("b",)], [], [("a",), ("b",)]]


async def test_a_failed_batch_is_not_remembered(session: RecordingSession, loader: RowsByKey) -> None:
    session.failure = StoreUnavailable()
    with pytest.raises(StoreUnavailable):
        await loader.load(1)

    session.failure = None

    assert await loader.load(3) == [("a",)]
    assert await loader.load(1) == [("a",), ("b",)]


async def test_a_cancelled_batch_fails_its_waiters_rather_than_hang_them(
    session: RecordingSession, loader: RowsByKey
) -> None:
    session.failure = asyncio.CancelledError()

    with pytest.raises(Exception, match="the load was cancelled"):
        await asyncio.wait_for(loader.load(1), timeout=1)


async def test_a_cancelled_load_is_loaded_again(loader: RowsByKey) -> None:
    loader.load(1).cancel()

    assert await loader.load(1) == [("a",), ("b",)]
