"""Which job is next, and what becomes of jobs that are cut short."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from procrastinate import App
from procrastinate.jobs import Job, Status

from sync.connections import connect
from sync.housekeeping import rescue
from sync.jobs import job_app
from sync.picking import MOST_ATTEMPTS, FairJobs, Shares
from tests.sync.larder import Larder

QUEUE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id, attempts)
VALUES ('default', 'larder:run_stream', %(name)s, %(name)s,
    jsonb_build_object('source', split_part(%(name)s, '/', 1), 'stream', split_part(%(name)s, '/', 2), 'timestamp', 0),
    %(status)s, %(worker)s, %(attempts)s) RETURNING id
"""
RUN = """
INSERT INTO larder_sync_run (source, stream, state, fence, started_at, finished_at, documents, unchanged_documents,
    failed_documents, staged, inserted, updated, deleted, quarantined, error, trigger, cursor, holds, decision)
VALUES (%s, %s, %s, 1, now(), now(), 0, 0, 0, 0, 0, 0, 0, 0, '', 'SCHEDULE', '{}', '[]', '')
"""


class Queue:
    """The queue with two workers, 1 and 2."""

    def __init__(self, app: App, larder: Larder) -> None:
        assert isinstance(app.job_manager, FairJobs)
        self.app = app
        self.jobs = app.job_manager
        self.larder = larder

    async def add(self, name: str, status: str = "todo", worker: int | None = None, attempts: int = 0) -> None:
        async with await connect() as connection:
            await connection.execute(QUEUE, {"name": name, "status": status, "worker": worker, "attempts": attempts})

    async def pick(self, worker: int = 1) -> str | None:
        job = await self.jobs.fetch_job(None, worker)
        return None if job is None else job.lock

    async def picks(self, count: int, worker: int = 1) -> list[str | None]:
        return [await self.pick(worker) for _ in range(count)]

    async def picked(self, worker: int = 1) -> Job:
        job = await self.jobs.fetch_job(None, worker)
        assert job is not None
        return job

    def failed(self, name: str, state: str = "FAILED") -> None:
        self.larder.execute(RUN, *name.split("/"), state)

    def rows(self) -> list[tuple[str, str, int]]:
        return self.larder.rows("SELECT lock, status::text, attempts FROM procrastinate_jobs ORDER BY id")


@pytest.fixture
async def queue(larder: Larder) -> AsyncIterator[Queue]:
    app = job_app(larder.url, Shares(slots=4, streams=2))
    async with app.open_async():
        made = Queue(app, larder)
        assert [await made.jobs.register_worker() for _ in range(2)] == [1, 2]
        yield made


async def test_a_source_holds_its_share_over_all_workers(queue: Queue) -> None:
    for stream in ("a", "b", "c"):
        await queue.add(f"one/{stream}")
    await queue.add("two/a")

    assert [await queue.pick(worker) for worker in (1, 2, 1, 2)] == ["one/a", "two/a", "one/b", None]


async def test_sources_with_the_least_under_way_go_first_then_who_waits_longest(queue: Queue) -> None:
    for name in ("one/a", "one/b", "two/a", "three/a", "two/b"):
        await queue.add(name)

    assert await queue.picks(6) == ["one/a", "two/a", "three/a", "one/b", "two/b", None]


async def test_a_stream_never_runs_twice_at_once(queue: Queue) -> None:
    await queue.add("one/a", "doing", worker=2)
    await queue.add("one/a")

    assert await queue.pick() is None


async def test_failing_streams_share_half_of_a_workers_slots(queue: Queue) -> None:
    failing = [f"f{number}/a" for number in range(4)]
    for name in failing:
        queue.failed(name, "PUBLISHED")
        queue.failed(name)
        await queue.add(name)
    queue.failed("healed/a")
    queue.failed("healed/a", "PUBLISHED")
    await queue.add("healed/a")
    await queue.add("fresh/a")

    assert await queue.picks(5) == ["f0/a", "f1/a", "healed/a", "fresh/a", None]
    assert await queue.picks(3, worker=2) == ["f2/a", "f3/a", None]


@pytest.mark.parametrize(
    ("slots", "streams", "of_source", "of_failing"), [(16, 2, 2, 8), (2, 2, 1, 1), (1, 2, 1, 1), (8, 100, 4, 4)]
)
def test_no_source_gets_all_slots_of_a_worker(slots: int, streams: int, of_source: int, of_failing: int) -> None:
    shares = Shares(slots, streams)

    assert (shares.of_source, shares.of_failing) == (of_source, of_failing)


async def test_a_job_that_is_to_begin_later_waits(queue: Queue) -> None:
    await queue.add("one/a")
    queue.larder.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")

    assert await queue.pick() is None


async def test_the_end_of_a_job_wakes_workers_for_what_waits_for_it(queue: Queue) -> None:
    await queue.add("one/a")
    job = await queue.picked()
    await queue.add("two/a")
    async with await connect() as listening:
        await listening.execute("LISTEN procrastinate_any_queue_v1")
        await queue.jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
        silent = [told async for told in listening.notifies(timeout=0.3)]
        await queue.add("one/a", "doing", worker=1)
        job = Job.from_row(queue_row(queue, "one/a"))
        await queue.add("one/a")
        await listening.execute("SELECT 1")
        woken = [told async for told in listening.notifies(timeout=0.3)]
        await queue.jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
        last = [told async for told in listening.notifies(timeout=5, stop_after=1)]

    assert silent == []
    assert len(woken) == 1, "of the insert"
    assert len(last) == 1


def queue_row(queue: Queue, lock: str) -> dict[str, object]:
    names = "id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id"
    [row] = queue.larder.rows(f"SELECT {names} FROM procrastinate_jobs WHERE lock = %s AND status = 'doing'", lock)
    return dict(zip(names.split(", "), row, strict=True))


async def test_jobs_of_a_dead_worker_are_picked_again(queue: Queue) -> None:
    await queue.add("one/a")
    await queue.add("two/a")
    await queue.picks(1, worker=1)
    await queue.picks(1, worker=2)
    queue.larder.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 s' WHERE id = 1")

    await rescue(queue.app)

    assert sorted(queue.rows()) == [("one/a", "todo", 1), ("two/a", "doing", 0)]
    assert await queue.pick(2) == "one/a"


async def test_a_dead_workers_job_is_dropped_where_a_later_one_waits_or_it_died_too_often(queue: Queue) -> None:
    await queue.add("one/a", "doing")
    await queue.add("one/a")
    await queue.add("two/a", "doing", attempts=MOST_ATTEMPTS)

    await rescue(queue.app)

    assert queue.rows() == [("one/a", "todo", 0)]


async def test_a_job_given_back_waits_or_gives_way_to_one_that_waits(queue: Queue) -> None:
    await queue.add("one/a")
    job = await queue.picked()
    await queue.jobs.retry_job(job, retry_at=datetime.now(UTC))
    assert queue.rows() == [("one/a", "todo", 1)]

    job = await queue.picked()
    await queue.add("one/a")
    await queue.jobs.retry_job(job, retry_at=datetime.now(UTC))

    assert queue.rows() == [("one/a", "todo", 0)]
