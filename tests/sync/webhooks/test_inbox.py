"""What is kept of deliveries, and what runs are given of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from sync.connections import connect
from sync.webhooks import inbox
from sync.webhooks.arrivals import Arrival, Connection, storable, take
from sync.webhooks.inbox import forget, settle, waiting
from tests.sync.larder import Larder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JOBS = "SELECT lock, queueing_lock, status::text, args ->> 'trigger' FROM procrastinate_jobs ORDER BY id"


def arrival(event_id: str = "e1", stream: str = "menu", body: bytes | None = None, seconds: int = 0) -> Arrival:
    return Arrival("corner", event_id, stream, NOW + timedelta(seconds=seconds), body)


@pytest.fixture
async def connection(store: str) -> AsyncIterator[Connection]:
    async with await connect() as opened:
        yield opened


async def test_an_event_is_kept_once_and_queues_one_run(connection: Connection, larder: Larder) -> None:
    new = [await take(connection, [arrival(), arrival("e2"), arrival()]) for _ in range(3)]

    assert new == [{("corner", "e1"), ("corner", "e2")}, set(), set()]
    assert larder.rows("SELECT source, event_id, stream FROM larder_sync_delivery ORDER BY id") == [
        ("corner", "e1", "menu"),
        ("corner", "e2", "menu"),
    ]
    assert larder.rows(JOBS) == [("corner/menu", "corner/menu", "todo", "WEBHOOK")]


async def test_each_stream_has_its_own_run_and_a_run_that_waits_is_told_why(
    connection: Connection, larder: Larder
) -> None:
    larder.execute(
        """INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at) VALUES
        ('default', 'larder:run_stream', 'corner/menu', 'corner/menu', '{"trigger": "SCHEDULE"}', now() + '1 hour')"""
    )

    await take(connection, [arrival("e1", "menu"), arrival("e2", "stock")])

    assert larder.rows(JOBS) == [
        ("corner/menu", "corner/menu", "todo", "WEBHOOK"),
        ("corner/stock", "corner/stock", "todo", "WEBHOOK"),
    ]
    assert larder.value("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at IS NOT NULL") == 0


async def test_an_event_during_a_run_queues_the_next_one(connection: Connection, larder: Larder) -> None:
    await take(connection, [arrival()])
    larder.execute("UPDATE procrastinate_jobs SET status = 'doing'")

    await take(connection, [arrival("e2")])
    await take(connection, [arrival("e3")])

    assert [status for _, _, status, _ in larder.rows(JOBS)] == ["doing", "todo"]


async def test_a_job_is_not_picked_between_a_delivery_and_its_commit(connection: Connection, larder: Larder) -> None:
    await take(connection, [arrival()])

    async with connection.transaction():
        await take(connection, [arrival("e2")])
        picked_meanwhile = larder.value("SELECT id FROM larder_sync_pick_job(1, 2, 8)")

    assert picked_meanwhile is None, "its run would not see the delivery, and no other would be queued"


async def test_a_known_event_does_not_wait_for_a_publish_that_settles_it(
    connection: Connection, larder: Larder
) -> None:
    await take(connection, [arrival()])
    async with await connect() as publishing, publishing.transaction():
        await settle(publishing, (await waiting(publishing, "corner", "menu")).ids)
        async with asyncio.timeout(5):
            assert await take(connection, [arrival(), arrival("e2")]) == {("corner", "e2")}


async def test_a_run_is_given_pushes_in_order_and_settles_all_that_it_saw(
    connection: Connection, larder: Larder
) -> None:
    await take(connection, [arrival("b", body=b"second", seconds=2), arrival("a", body=b"third", seconds=3)])
    await take(connection, [arrival("c", body=b"first", seconds=1), arrival("d"), arrival("e", "stock", b"else")])
    found = await waiting(connection, "corner", "menu")
    await take(connection, [arrival("f", body=b"late", seconds=4), arrival("g")])

    await settle(connection, found.ids)

    assert [(push.event_id, push.body) for push in found.pushes] == [("c", b"first"), ("b", b"second"), ("a", b"third")]
    assert found.pushes[0].received_at == NOW + timedelta(seconds=1)
    left = larder.rows("SELECT event_id FROM larder_sync_delivery WHERE done_at IS NULL ORDER BY 1")
    assert left == [("e",), ("f",), ("g",)]


async def test_pushes_beyond_what_one_run_is_given_wait_for_the_next(
    connection: Connection, larder: Larder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_BYTES", 10)
    monkeypatch.setattr(inbox, "MOST_PUSHES", 3)
    sizes = enumerate([20, 4, 4, 1, 1, 4])
    # Named so that their ids are in the opposite order of their arrival.
    await take(connection, [arrival(f"e{9 - n}", body=b"x" * size, seconds=n) for n, size in sizes])
    larder.execute("DELETE FROM procrastinate_jobs")
    given, queued = [], []

    while found := (await waiting(connection, "corner", "menu")).pushes:
        ids = (await waiting(connection, "corner", "menu")).ids
        await settle(connection, ids)
        given.append([len(push.body) for push in found])
        queued.append(len(larder.rows("DELETE FROM procrastinate_jobs RETURNING id")))

    assert given == [[20], [4, 4, 1], [1, 4]]
    assert queued == [1, 1, 0]


async def test_what_only_says_ask_queues_no_run_when_another_is_settled(connection: Connection, larder: Larder) -> None:
    await take(connection, [arrival("push", body=b"x")])
    ids = (await waiting(connection, "corner", "menu")).ids
    await take(connection, [arrival("call")])
    larder.execute("DELETE FROM procrastinate_jobs")

    await settle(connection, ids)

    assert larder.rows(JOBS) == [], "its own run was queued with it"


async def test_what_is_not_published_is_not_settled(connection: Connection) -> None:
    await take(connection, [arrival(body=b"x")])
    ids = (await waiting(connection, "corner", "menu")).ids

    async with connection.transaction(force_rollback=True):
        await settle(connection, ids)

    assert (await waiting(connection, "corner", "menu")).ids == ids


async def test_settled_and_old_deliveries_are_forgotten(connection: Connection, larder: Larder) -> None:
    await take(connection, [arrival(name, seconds=0) for name in ("done", "done-lately", "old", "new")])
    larder.execute("UPDATE larder_sync_delivery SET received_at = now() - interval '3 hours' WHERE event_id <> 'new'")
    larder.execute("UPDATE larder_sync_delivery SET received_at = now() WHERE event_id = 'new'")
    larder.execute("UPDATE larder_sync_delivery SET done_at = now() - interval '2 hours' WHERE event_id = 'done'")
    larder.execute("UPDATE larder_sync_delivery SET done_at = now() WHERE event_id = 'done-lately'")

    await forget(connection, 1)

    left = larder.rows("SELECT event_id FROM larder_sync_delivery ORDER BY 1")
    assert left == [("done-lately",), ("new",)]


@pytest.mark.parametrize("event_id", ["a\0b", "\ud800", "x" * 257, "ü" * 200, "a\nb"])
async def test_an_id_that_the_store_cannot_hold_is_kept_as_a_digest(connection: Connection, event_id: str) -> None:
    assert storable(event_id).startswith("sha256:")
    new = await take(connection, [arrival(event_id), arrival("fits")])

    assert new == {("corner", storable(event_id)), ("corner", "fits")}
    assert await take(connection, [arrival(event_id)]) == set()


async def test_writers_that_overlap_take_each_event_once(store: str, larder: Larder) -> None:
    async def writer(first: int) -> int:
        async with await connect() as own:
            return sum(
                [
                    len(
                        await take(
                            own, [arrival(f"e{(first + n * 7) % 60}", f"s{n % 5}") for n in range(start, start + 20)]
                        )
                    )
                    for start in range(0, 60, 20)
                ]
            )

    new = await asyncio.gather(*(writer(first) for first in range(6)))

    assert sum(new) == larder.value("SELECT count(*) FROM larder_sync_delivery") == 60
    assert larder.value("SELECT count(*) FROM procrastinate_jobs") == 5
