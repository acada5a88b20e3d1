"""What keeps the queue and the record of runs small and moving."""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from sync.connections import connect

RESCUE_SECONDS = 5
TIDY_SECONDS = 3_600
KEPT_HOURS = 7 * 24

log = structlog.get_logger("larder.sync")

FORGET = """
WITH old AS (
    SELECT id FROM larder_sync_run r
    WHERE finished_at < clock_timestamp() - make_interval(hours => %(hours)s)
        AND EXISTS (SELECT FROM larder_sync_run n WHERE n.source = r.source AND n.stream = r.stream AND n.id > r.id)
), problems AS (
    DELETE FROM larder_sync_problem WHERE run_id IN (SELECT id FROM old)
)
DELETE FROM larder_sync_run WHERE id IN (SELECT id FROM old)
"""


async def keep_house(app: App) -> None:
    """Rescue jobs of dead workers every few seconds, and tidy every hour."""
    tidied = -TIDY_SECONDS
    elapsed = 0
    while True:
        try:
            await rescue(app)
            if elapsed - tidied >= TIDY_SECONDS:
                tidied = elapsed
                await tidy(app)
        except (ConnectorException, psycopg.Error) as exc:
            log.warning("the queue could not be tended", error=" ".join(str(exc).split()))
        await asyncio.sleep(RESCUE_SECONDS)
        elapsed += RESCUE_SECONDS


async def rescue(app: App) -> None:
    """Drop the jobs of workers that show no sign of life: their locks would keep the streams waiting for ever."""
    for job in await app.job_manager.get_stalled_jobs():
        log.warning("a worker died", job=job.call_string)
        await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)


async def tidy(app: App) -> None:
    """Forget old jobs and runs, and look after the tables that are mostly empty and very busy."""
    await app.job_manager.delete_old_jobs(KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True)
    async with await connect() as connection:
        await connection.execute(FORGET, {"hours": KEPT_HOURS})
        await connection.execute("ANALYZE procrastinate_jobs")
        await connection.execute("VACUUM larder_sync_staged")
