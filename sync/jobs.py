"""The worker: runs every stream on its schedule, on any number of machines, over one queue in the store.

Procrastinate's lock per stream keeps two workers off it; the lease and its fence protect the store even if that fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from django.conf import settings as django_settings
from procrastinate import App, Blueprint, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import make_conninfo

from sync.connections import store_conninfo
from sync.errors import LeaseTaken
from sync.housekeeping import keep_house
from sync.purging import Purging, purge_for_ever
from sync.runner import run_stream
from sync.schedules import Slot, follow, slots
from sync.settings import SourceSettings

POLL_SECONDS = 0.3
GRACE_SECONDS = 2.0
"""How long a run may go on when the worker is told to stop. A run that is cut short leaves the store as it was."""
RECONNECT_SECONDS = 2.0

log = structlog.get_logger("larder.sync")
tasks = Blueprint()


@tasks.task(name="run_stream")
async def run_scheduled(source: str, stream: str, timestamp: int) -> None:
    """Run one stream, due at ``timestamp`` (seconds since 1970), and log what came of it, in one line."""
    settings = declared_sources().get(source)
    if settings is None:
        reason = "the source is no longer declared"
        log.warning("run skipped", source=source, stream=stream, due=timestamp, reason=reason)
        return
    try:
        report = await run_stream(settings, stream)
    except LeaseTaken as exc:
        log.info("run skipped", source=source, stream=stream, reason=str(exc))
        return
    log.info(
        "run",
        source=source,
        stream=stream,
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
    )


def declared_sources() -> Mapping[str, SourceSettings]:
    """The sources of this installation, by name."""
    sources: Mapping[str, SourceSettings] = django_settings.LARDER_SOURCES
    return sources


def job_app() -> App:
    """The queue, not yet open."""
    conninfo = make_conninfo(store_conninfo(), application_name="larder worker")
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4))
    app.add_tasks_from(tasks, namespace="larder")
    return app


async def work(*, syncs: bool = True, purging: Purging | None = None, direct: str | None = None) -> None:
    """Run scheduled jobs until SIGTERM or SIGINT; returns within a few seconds of it.

    syncs: whether suppliers are read. purging: who is told of changes. direct: address of the store past a pooler.
    """
    scheduled = slots(declared_sources().values()) if syncs else []
    duties = [] if purging is None else [partial(purge_for_ever, direct or store_conninfo(), purging)]
    log.info("worker started", streams=[slot.name for slot in scheduled], purging=purging is not None)
    while not await worked(scheduled, duties):  # noqa: ASYNC110 - paces attempts, waits for nobody
        await asyncio.sleep(RECONNECT_SECONDS)
    log.info("worker stopped")


async def worked(scheduled: list[Slot], duties: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()) -> bool:
    """Whether the worker ended because it was told to; False when it lost the store."""
    try:
        app = job_app()
        async with app.open_async():
            worker = app.run_worker_async(
                concurrency=max(len(scheduled), 1),
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
