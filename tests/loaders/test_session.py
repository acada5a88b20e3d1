"""Read sessions: one snapshot, one instant, read-only; lanes that break are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from loaders.errors import BadArgument, LarderError, StoreBusy, StoreUnavailable
from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.statement import Statement

COUNT = Statement("SELECT count(*) FROM larder_source", (), ("count",))
INSERT = "INSERT INTO larder_source (name, kind, account) VALUES (%s, 'test', '')"


@pytest.fixture
async def lanes(store: str) -> AsyncIterator[Lanes]:
    lanes = Lanes(store, count=2, wait_seconds=1, statement_timeout_ms=300)
    await lanes.open()
    yield lanes
    await lanes.close()


async def count(session: ReadSession) -> int:
    [[found]] = await session.rows(COUNT, {})
    return int(found)


async def test_a_session_does_not_see_what_is_committed_meanwhile(store: str, lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        before = await count(session)
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as writer:
            await writer.execute(INSERT, ["meanwhile"])
        assert await count(session) == before

    async with ReadSession(lanes) as session:
        assert await count(session) == before + 1


async def test_the_instant_is_the_databases_clock_and_does_not_move(lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        with pytest.raises(LarderError, match="nothing was loaded yet"):
            _ = session.instant
        await count(session)
        instant = session.instant
        await asyncio.sleep(0.01)
        await count(session)
        assert session.instant == instant
    assert abs(datetime.now(UTC) - instant) < timedelta(minutes=1)


async def test_a_session_cannot_write(lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await session.rows(Statement("DELETE FROM larder_source RETURNING 1", (), ("one",)), {})


async def test_a_killed_lane_fails_its_operation_and_no_other(store: str, lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        [[pid]] = await session.rows(Statement("SELECT pg_backend_pid()", (), ("pid",)), {})
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as writer:
            await writer.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(StoreUnavailable):
            await count(session)

    for _ in range(4):
        async with ReadSession(lanes) as session:
            assert await count(session) >= 0


async def test_lanes_that_died_while_idle_fail_nobody(store: str, lanes: Lanes) -> None:
    async with ReadSession(lanes) as first, ReadSession(lanes) as second:
        await count(first)
        await count(second)
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as writer:
        await writer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder lane'"
        )

    for _ in range(3):
        async with ReadSession(lanes) as session:
            assert await count(session) >= 0


async def test_no_free_lane_is_said_so_in_time(lanes: Lanes) -> None:
    async with ReadSession(lanes) as first, ReadSession(lanes) as second, ReadSession(lanes) as third:
        await count(first)
        await count(second)
        with pytest.raises(StoreBusy, match="No lane to the store came free in time"):
            await count(third)


async def test_a_store_that_does_not_answer_is_unavailable() -> None:
    lanes = Lanes("postgresql://nobody@/nowhere?host=/nowhere", wait_seconds=0.3)
    await lanes.open()
    async with ReadSession(lanes) as session:
        with pytest.raises(StoreUnavailable, match="The store does not answer"):
            await count(session)
    await lanes.close()


async def test_a_statement_that_takes_too_long_is_cut(lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        with pytest.raises(StoreUnavailable):
            await session.rows(Statement("SELECT pg_sleep(5)", (), ("slept",)), {})


async def test_a_value_out_of_range_is_the_clients_fault(lanes: Lanes) -> None:
    async with ReadSession(lanes) as session:
        with pytest.raises(BadArgument, match="integer out of range"):
            await session.rows(Statement("SELECT %s::integer", (10**12,), ("number",)), {})


async def test_once_runs_once(lanes: Lanes) -> None:
    calls = []

    async def compute() -> int:
        calls.append(1)
        await asyncio.sleep(0)
        return 7

    async with ReadSession(lanes) as session:
        assert list(await asyncio.gather(session.once("key", compute), session.once("key", compute))) == [7, 7]
    assert calls == [1]
