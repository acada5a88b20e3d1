"""Which job is next: fair between suppliers, so that one that fails or hangs delays no other.

Procrastinate picks whatever was queued first. Here, over all workers, a source has at most its share of streams under
way at once; sources with the fewest of them go first; and streams whose last run failed hold at most half of a worker's
slots between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from procrastinate import jobs
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.manager import JobManager

STALLED_SECONDS = 30
"""Without a sign of life from its worker a job is taken for interrupted: three heartbeats."""

MOST_ATTEMPTS = 5
"""A job that was interrupted as often may be what ends its workers."""

CREATE_FUNCTIONS = """
CREATE OR REPLACE FUNCTION larder_sync_failing(job procrastinate_jobs) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT state = 'FAILED' FROM larder_sync_run
        WHERE source = job.args ->> 'source' AND stream = job.args ->> 'stream' AND finished_at IS NOT NULL
        ORDER BY id DESC LIMIT 1
    ), false)
$$;
CREATE OR REPLACE FUNCTION larder_sync_pick_job(worker bigint, source_share integer, failing_share integer)
RETURNS procrastinate_jobs LANGUAGE plpgsql AS $$
DECLARE
    picked procrastinate_jobs;
    failing bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo') THEN
        RETURN NULL;
    END IF;
    -- One picks at a time, and each statement below sees what the one before has picked.
    PERFORM pg_advisory_xact_lock(hashtextextended('larder_sync_pick', 0));
    SELECT count(*) INTO failing FROM procrastinate_jobs job
    WHERE status = 'doing' AND worker_id = worker AND larder_sync_failing(job);
    WITH running AS (
        SELECT args ->> 'source' AS source, count(*) AS jobs FROM procrastinate_jobs WHERE status = 'doing' GROUP BY 1
    ), candidate AS (
        SELECT todo.id FROM procrastinate_jobs todo LEFT JOIN running ON running.source = todo.args ->> 'source'
        WHERE todo.status = 'todo' AND (todo.scheduled_at IS NULL OR todo.scheduled_at <= now())
            AND coalesce(running.jobs, 0) < source_share
            AND NOT EXISTS (SELECT FROM procrastinate_jobs d WHERE d.lock = todo.lock AND d.status = 'doing')
            AND (failing < failing_share OR NOT larder_sync_failing(todo))
        ORDER BY todo.priority DESC, coalesce(running.jobs, 0), todo.id
        LIMIT 1 FOR UPDATE OF todo SKIP LOCKED
    )
    UPDATE procrastinate_jobs job SET status = 'doing', worker_id = worker FROM candidate
    WHERE job.id = candidate.id RETURNING job.* INTO picked;
    RETURN picked;
END
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION larder_sync_pick_job(bigint, integer, integer);
DROP FUNCTION larder_sync_failing(procrastinate_jobs);
"""
PICK = """
SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id
FROM larder_sync_pick_job(%(worker_id)s, %(source_share)s, %(failing_share)s)
"""
WAKE = """
SELECT pg_notify('procrastinate_any_queue_v1', json_build_object('type', 'job_inserted', 'job_id', id)::text)
FROM procrastinate_jobs
WHERE status = 'todo' AND args ->> 'source' = %(source)s AND (scheduled_at IS NULL OR scheduled_at <= now()) LIMIT 1
"""
RESUME = """
WITH stalled AS (
    SELECT job.id, job.queueing_lock, job.attempts FROM procrastinate_jobs job
    LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
        AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
    FOR UPDATE OF job SKIP LOCKED
), resumed AS (
    UPDATE procrastinate_jobs job
    SET status = 'todo', attempts = job.attempts + 1, worker_id = NULL, scheduled_at = NULL
    FROM stalled WHERE job.id = stalled.id AND job.attempts < %(attempts)s
        AND NOT EXISTS (
            SELECT FROM procrastinate_jobs w WHERE w.queueing_lock = stalled.queueing_lock AND w.status = 'todo'
        )
    RETURNING job.id, job.lock
), dropped AS (
    DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM stalled EXCEPT SELECT id FROM resumed)
    RETURNING lock
)
SELECT lock, true AS resumed FROM resumed UNION ALL SELECT lock, false FROM dropped
"""
"""A stalled job of which a later one waits already is dropped: that one does the same."""

log = structlog.get_logger("larder.sync")


@dataclass(frozen=True, slots=True)
class Shares:
    """How a worker's slots are shared. slots: jobs at once in this worker; streams: of one source, over all workers."""

    slots: int = 8
    streams: int = 2

    @property
    def of_source(self) -> int:
        """Streams of one source at once, so that it never holds all slots of a worker."""
        return max(1, min(self.streams, self.slots // 2))

    @property
    def of_failing(self) -> int:
        """Slots of a worker that failing streams hold at once."""
        return max(1, self.slots // 2)


class FairJobs(JobManager):
    """Procrastinate's jobs, picked fairly. A job given back while a later one of its stream waits is dropped."""

    def __init__(self, connector: BaseConnector, shares: Shares) -> None:
        super().__init__(connector)
        self.shares = shares

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:  # noqa: ARG002 - the base's
        """The next job, which is this worker's afterwards; None when none may be begun."""
        row = await self.connector.execute_query_one_async(
            PICK, worker_id=worker_id, source_share=self.shares.of_source, failing_share=self.shares.of_failing
        )
        return None if row["id"] is None else jobs.Job.from_row(row)

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:  # noqa: FBT001 - the base's
        """End a job, and wake the workers for what had to wait for it."""
        await super().finish_job(job, status, delete_job)
        await self.connector.execute_query_async(WAKE, source=job.task_kwargs.get("source"))

    async def retry_job(
        self,
        job: jobs.Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Give a job back, to be picked again."""
        try:
            await super().retry_job(job, retry_at, priority, queue, lock)
        except UniqueViolation:
            await self.finish_job(job, jobs.Status.ABORTED, delete_job=True)

    async def get_stalled_jobs(
        self,
        nb_seconds: int | None = None,  # noqa: ARG002 - the base's
        queue: str | None = None,  # noqa: ARG002 - the base's
        task_name: str | None = None,  # noqa: ARG002 - the base's
        seconds_since_heartbeat: float = STALLED_SECONDS,
    ) -> Iterable[jobs.Job]:
        """None is left: what workers without a sign of life had begun is picked again, or has a successor.

        A job that was merely dropped would be lost with what a webhook told, where its stream has no schedule.
        """
        asked: dict[str, Any] = {"seconds": seconds_since_heartbeat, "attempts": MOST_ATTEMPTS}
        for row in await self.connector.execute_query_all_async(RESUME, **asked):
            log.warning("a worker died", stream=row["lock"], resumed=row["resumed"])
        return []
