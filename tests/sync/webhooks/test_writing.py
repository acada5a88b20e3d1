"""The one writer of a process: groups, bounds, and a store that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from sync.connections import connect
from sync.webhooks import writing
from sync.webhooks.arrivals import Arrival
from sync.webhooks.writing import InboxAway, InboxFull, InboxWriter
from tests.sync.larder import Larder

NOWHERE = "postgresql://127.0.0.1:1/nothing"


def arrivals(event_id: str, body: bytes | None = None) -> list[Arrival]:
    return [Arrival("corner", event_id, "menu", datetime.now(UTC), body)]


@asynccontextmanager
async def writer(url: str, capacity: int = 2_000, seconds: float = 5) -> AsyncIterator[InboxWriter]:
    made = InboxWriter(url, capacity, seconds=seconds)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def kept(larder: Larder) -> int:
    found: int = larder.value("SELECT count(*) FROM larder_sync_delivery")
    return found


async def test_what_waits_is_committed_together(store: str, larder: Larder) -> None:
    async with writer(store) as inbox:
        await inbox.keep(arrivals("first"))
        await asyncio.gather(*(inbox.keep(arrivals(f"e{number % 900}")) for number in range(1_000)))

    assert kept(larder) == 901
    # All rows that one statement inserted have the same xmin.
    assert larder.value("SELECT count(DISTINCT xmin::text) FROM larder_sync_delivery") <= 4
    assert larder.value("SELECT count(*) FROM procrastinate_jobs") == 1


async def test_of_deliveries_that_are_committed_together_only_the_first_brings_an_event(store: str) -> None:
    async with writer(store) as inbox:
        known = await inbox.keep(arrivals("known"))
        both = arrivals("known") + arrivals("new")
        fresh = await asyncio.gather(*(inbox.keep(told) for told in (both, both, arrivals("\ud800"), arrivals("new"))))

    assert known == 1
    assert fresh == [1, 0, 1, 0]


async def test_more_than_may_wait_is_refused_at_once_and_the_rest_is_kept(store: str, larder: Larder) -> None:
    async with writer(store, capacity=10) as inbox:
        outcomes = await asyncio.gather(
            *(inbox.keep(arrivals(f"e{number}")) for number in range(30)), return_exceptions=True
        )

    assert [type(outcome) for outcome in outcomes[10:]] == [InboxFull] * 20
    assert outcomes[:10] == [1] * 10
    assert kept(larder) == 10


async def test_bodies_that_wait_are_bounded_too(store: str, larder: Larder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_BYTES", 25)
    async with writer(store) as inbox:
        first = await asyncio.gather(
            *(inbox.keep(arrivals(f"e{number}", b"0123456789")) for number in range(3)), return_exceptions=True
        )
        await inbox.keep(arrivals("later", b"0123456789"))

    assert [type(outcome) for outcome in first] == [int, int, InboxFull]
    assert kept(larder) == 3


async def test_without_a_store_deliveries_are_refused_and_taken_again_afterwards(store: str, larder: Larder) -> None:
    async with writer(NOWHERE) as inbox:
        with pytest.raises(InboxAway):
            await inbox.keep(arrivals("e1"))
        inbox.conninfo = store
        await inbox.keep(arrivals("e1"))

    assert kept(larder) == 1


async def test_a_connection_that_was_closed_meanwhile_costs_no_delivery(store: str, larder: Larder) -> None:
    async with writer(store) as inbox:
        await inbox.keep(arrivals("e1"))
        larder.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder webhooks'")
        await inbox.keep(arrivals("e2"))

    assert kept(larder) == 2


async def test_a_store_that_hangs_is_told_in_time_and_the_writer_goes_on(store: str, larder: Larder) -> None:
    async with writer(store, seconds=0.3) as inbox:
        async with await connect() as blocking, blocking.transaction():
            await blocking.execute("LOCK TABLE larder_sync_delivery")
            with pytest.raises(InboxAway):
                await inbox.keep(arrivals("e1"))
        async with asyncio.timeout(10):
            while True:
                try:
                    await inbox.keep(arrivals("e2"))
                    break
                except InboxAway:
                    continue

    assert ("e2",) in larder.rows("SELECT event_id FROM larder_sync_delivery")


async def test_what_waits_at_the_end_is_committed_and_nothing_is_taken_after_it(store: str, larder: Larder) -> None:
    async with writer(store) as inbox:
        waiting = [asyncio.create_task(inbox.keep(arrivals(f"e{number}"))) for number in range(20)]
        await asyncio.sleep(0)

    await asyncio.gather(*waiting)
    with pytest.raises(InboxFull):
        await inbox.keep(arrivals("late"))
    assert kept(larder) == 20


async def test_who_hangs_up_takes_nobody_elses_delivery_along(store: str, larder: Larder) -> None:
    async with writer(store) as inbox:
        leaving, staying = (asyncio.create_task(inbox.keep(arrivals(name))) for name in ("leaving", "staying"))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying

    assert kept(larder) == 2


async def test_a_delivery_is_durable_when_it_is_acknowledged(store: str) -> None:
    async with writer(store) as inbox:
        await inbox.keep(arrivals("e1"))
        with psycopg.connect(store) as other:
            assert other.execute("SELECT count(*) FROM larder_sync_delivery").fetchone() == (1,)
