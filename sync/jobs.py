"""The worker: runs every stream on its schedule, on any number of machines, over one queue in the store.

Procrastinate's lock per stream keeps two workers off it; the lease and its fence protect the store even if that fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import psycopg
import structlog
from django.conf import settings as django_settings
from procrastinate import App, BaseRetryStrategy, Blueprint, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from psycopg.conninfo import make_conninfo

from sync.connections import store_conninfo
from sync.errors import LeaseTaken, Pinned
from sync.housekeeping import keep_house
from sync.models import Run
from sync.picking import FairJobs, Shares
from sync.purging import Purging, purge_for_ever
from sync.runner import run_stream
from sync.schedules import Slot, follow, slots
from sync.settings import SourceSettings

POLL_SECONDS = 0.3
"""The longest that a job waits for a worker whose notification was lost, or that listens through a pooler."""
GRACE_SECONDS = 2.0
"""How long a run may go on when the worker is told to stop. A run that is cut short leaves the store as it was."""
RECONNECT_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 30

Trigger = Run.Trigger

log = structlog.get_logger("larder.sync")
tasks = Blueprint()


class Again(BaseRetryStrategy):
    """A run that was cut short is picked again at once; one that found its stream taken, a little later."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When ``job`` is to be tried again, None for never: the stream's schedule repairs what failed."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision()
        if isinstance(exception, LeaseTaken):
            return RetryDecision(retry_in={"seconds": min(2**job.attempts, LONGEST_PAUSE_SECONDS)})
        return None


@tasks.task(name="run_stream", retry=Again())
async def run_queued(source: str, stream: str, timestamp: int, trigger: str = Trigger.SCHEDULE) -> None:
    """Run one stream, due at ``timestamp`` (seconds since 1970), and log what came of it, in one line.

    Raises ``LeaseTaken`` when another runner is at it and somebody told of a change: that runner may not have seen it.
    """
    settings = declared_sources().get(source)
    if settings is None:
        reason = "the source is no longer declared"
        log.warning("run skipped", source=source, stream=stream, due=timestamp, reason=reason)
        return
    began = time.monotonic()
    try:
        report = await run_stream(settings, stream, trigger=Trigger(trigger))
    except (LeaseTaken, Pinned) as exc:
        log.info("run skipped", source=source, stream=stream, trigger=trigger, reason=str(exc))
        if isinstance(exc, LeaseTaken) and trigger != Trigger.SCHEDULE:
            raise
        return
    log.info(
        "run",
        source=source,
        stream=stream,
        trigger=trigger,
        run=report.run_id,
        state=report.state.value,
        documents=report.documents,
        unchanged_documents=report.unchanged_documents,
        failed_documents=report.failed_documents,
        inserted=report.inserted,
        updated=report.updated,
        deleted=report.deleted,
        quarantined=report.quarantined,
        held=len(report.held),
        error=report.error,
        seconds=round(time.monotonic() - began, 3),
    )


def declared_sources() -> Mapping[str, SourceSettings]:
    """The sources of this installation, by name."""
    sources: Mapping[str, SourceSettings] = django_settings.LARDER_SOURCES
    return sources


def job_app(conninfo: str, shares: Shares) -> App:
    """The queue in the store at ``conninfo``, not yet open."""
    conninfo = make_conninfo(conninfo, application_name="larder worker")
    connector = PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4, configure=commits_by_itself)
    app = App(connector=connector)
    app.job_manager = FairJobs(connector, shares)
    app.add_tasks_from(tasks, namespace="larder")
    return app


async def commits_by_itself(connection: psycopg.AsyncConnection[Any]) -> None:
    """Set up a connection of the queue: a worker that is frozen between two statements must not hold the others up."""
    await connection.set_autocommit(True)


async def work(
    *,
    syncs: bool = True,
    purging: Purging | None = None,
    direct: str | None = None,
    shares: Shares | None = None,
) -> None:
    """Run scheduled jobs until SIGTERM or SIGINT; returns within a few seconds of it.

    syncs: whether suppliers are read. purging: who is told of changes. direct: address of the store past a pooler.
    """
    address, shares = direct or store_conninfo(), shares or Shares()
    scheduled = slots(declared_sources().values()) if syncs else []
    duties = [] if purging is None else [partial(purge_for_ever, address, purging)]
    log.info("worker started", streams=[slot.name for slot in scheduled], slots=shares.slots, purging=bool(purging))
    while not await worked(address, shares, scheduled, duties):  # noqa: ASYNC110 - paces attempts, waits for nobody
        await asyncio.sleep(RECONNECT_SECONDS)
    log.info("worker stopped")


async def worked(
    address: str,
    shares: Shares,
    scheduled: list[Slot],
    duties: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
) -> bool:
    """Whether the worker ended because it was told to; False when it lost the store."""
    try:
        app = job_app(address, shares)
        async with app.open_async():
            worker = app.run_worker_async(
                concurrency=shares.slots,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="successful",
            )
            await first_to_end(worker, follow(app, scheduled), keep_house(app), *(duty() for duty in duties))
    except ConnectorException as exc:
        log.warning("the store does not answer", error=" ".join(str(exc.__cause__ or exc).split()))
        return False
    return True


async def first_to_end(*duties: Coroutine[Any, Any, None]) -> None:
    """Run ``duties`` side by side until one ends, however it ends, and stop the others. Raises what it raised."""
    running = [asyncio.create_task(duty) for duty in duties]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    for task in done:
        task.result()
