"""What keeps the queue and the record of runs small and moving."""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from django.conf import settings as django_settings
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from sync.connections import connect
from sync.forgetting import DAY_HOURS, forget
from sync.settings import Kept

RESCUE_SECONDS = 5
TIDY_SECONDS = 3_600
log = structlog.get_logger("larder.sync")


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
    """Have the jobs of workers that show no sign of life done by others: their locks would keep streams waiting."""
    await app.job_manager.get_stalled_jobs()


async def tidy(app: App) -> None:
    """Forget old jobs and runs, and look after the tables that are mostly empty and very busy."""
    kept: Kept = django_settings.LARDER_KEPT
    await app.job_manager.delete_old_jobs(
        kept.runs_days * DAY_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
    async with await connect() as connection:
        await forget(connection, kept)
        await connection.execute("ANALYZE procrastinate_jobs")
        await connection.execute("VACUUM larder_sync_staged")
