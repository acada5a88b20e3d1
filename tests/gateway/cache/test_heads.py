"""The watch of heads: what it knows, since when, and what it says when the store does not."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import psycopg

from gateway.cache.heads import HeadWatch, Reading, StoreHeads
from tests.gateway.cache.kitchen import HEAD, Kitchen, rename, until


class Telling:
    """A store whose heads are set by the test, and which may fail or be slow."""

    def __init__(self) -> None:
        self.values = {HEAD: 1}
        self.name = "first"
        self.failing = False
        self.hold: asyncio.Event | None = None
        self.readings = 0

    async def read(self) -> Reading:
        self.readings += 1
        found = Reading(dict(self.values), time.time(), self.name)
        if self.hold is not None:
            await self.hold.wait()
        if self.failing:
            raise psycopg.OperationalError("gone")
        return found

    async def close(self) -> None: ...


async def test_whoever_asks_first_waits_for_a_reading(watch: HeadWatch, kitchen: Kitchen) -> None:
    assert not watch.fresh()

    assert await watch.refreshed()

    assert watch.values[HEAD] > 0
    assert watch.fresh()


async def test_what_was_committed_is_known_to_whoever_asks_anew(store: str, watch: HeadWatch, kitchen: Kitchen) -> None:
    await watch.refreshed()
    generation, version = watch.generation, watch.values[HEAD]

    rename(store, "two")

    assert await watch.refreshed(anew=True)
    assert watch.values[HEAD] == version + 1
    assert watch.generation == generation + 1


async def test_a_reading_that_began_before_does_not_count_as_anew() -> None:
    store, watch = Telling(), HeadWatch(Telling())
    watch.store = store
    store.hold = asyncio.Event()
    first = asyncio.create_task(watch.refreshed())
    await asyncio.sleep(0.01)

    store.values[HEAD] = 2
    second = asyncio.create_task(watch.refreshed(anew=True))
    await asyncio.sleep(0.01)
    store.hold.set()

    assert await first
    assert await second
    assert store.readings == 2
    assert watch.values[HEAD] == 2


async def test_those_who_ask_together_share_a_reading() -> None:
    store = Telling()
    watch = HeadWatch(store, bound_seconds=60)

    assert all(await asyncio.gather(*[watch.refreshed() for _ in range(100)]))

    assert store.readings == 1


async def test_while_it_is_asked_it_reads_by_itself_and_rests_when_nobody_asks(watch: HeadWatch) -> None:
    await watch.refreshed()
    first = watch.readings
    while watch.readings < first + 3:
        watch.fresh()
        await asyncio.sleep(0.01)

    watch._asked = float("-inf")
    await asyncio.sleep(4 * watch.every_seconds)
    rested = watch.readings
    await asyncio.sleep(4 * watch.every_seconds)

    assert watch.readings == rested


async def test_a_store_that_fails_is_said_at_once_to_whoever_asks_soon_after() -> None:
    store = Telling()
    watch = HeadWatch(store)
    store.failing = True

    assert not await watch.refreshed()
    assert not await watch.refreshed()

    assert store.readings == 1


async def test_a_store_that_is_back_is_read_again() -> None:
    store = Telling()
    watch = HeadWatch(store)
    store.failing = True
    await watch.refreshed()

    store.failing = False
    await until(watch.refreshed)

    assert watch.values == {HEAD: 1}


async def test_changes_are_told_by_name_but_not_the_first_reading() -> None:
    store, told = Telling(), list[frozenset[str]]()
    watch = HeadWatch(store, told=told.append)
    await watch.refreshed(anew=True)

    store.values = {HEAD: 2, "other": 1}
    await watch.refreshed(anew=True)

    assert told == [{HEAD, "other"}]
    assert watch.epoch == 0


async def test_a_head_that_shrinks_or_another_store_begins_a_new_epoch() -> None:
    store = Telling()
    watch = HeadWatch(store)
    await watch.refreshed(anew=True)

    store.values = {}
    await watch.refreshed(anew=True)
    assert watch.epoch == 1

    store.name = "second"
    await watch.refreshed(anew=True)
    assert watch.epoch == 2


async def test_the_stores_clock_is_never_thought_behind(store: str) -> None:
    watch = HeadWatch(StoreHeads(store))
    await watch.refreshed()
    with psycopg.connect(store) as connection:
        [(clock,)] = connection.execute("SELECT clock_timestamp()").fetchall()
        thought = watch.store_clock

    assert clock.timestamp() <= thought <= clock.timestamp() + 5
    await watch.close()


async def test_its_connection_is_replaced_when_it_is_lost(store: str, watch: HeadWatch) -> None:
    await watch.refreshed()
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder heads'"
        )

    await until(partial(watch.refreshed, anew=True))
