"""When each stream runs: every so many seconds by the wall clock, once over all workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from sync.settings import SourceSettings
from sync.sources import every_seconds, source_kind

TASK = "larder:run_stream"
LEAST_PAUSE_SECONDS = 0.05
IDLE_SECONDS = 60

log = structlog.get_logger("larder.sync")


@dataclass(frozen=True, slots=True)
class Slot:
    """A stream and the seconds between its runs."""

    source: str
    stream: str
    every_seconds: int

    @property
    def name(self) -> str:
        """The stream's name over all sources, which is its lock too."""
        return f"{self.source}/{self.stream}"

    def due(self, now: float) -> int:
        """The last time, at or before ``now``, at which the stream was due (seconds since 1970)."""
        return int(now // self.every_seconds * self.every_seconds)


def slots(sources: Iterable[SourceSettings]) -> list[Slot]:
    """The streams that run by themselves. Raises ``SettingsError`` for a source that cannot be opened."""
    found = []
    for source in sources:
        kind = source_kind(source)
        kind.open(source)
        found += [Slot(source.name, stream, every_seconds(source, stream)) for stream in kind.streams(source)]
    return [slot for slot in found if slot.every_seconds]


async def follow(app: App, scheduled: list[Slot]) -> None:
    """Defer each stream's job when it is due. Any number of workers may do so: a due time is deferred once."""
    deferred: dict[str, int] = {}
    while True:
        for slot in scheduled:
            due = slot.due(time.time())
            if deferred.get(slot.name) == due:
                continue
            try:
                await defer(app, slot, due)
                deferred[slot.name] = due
            except ConnectorException as exc:
                log.warning("a run could not be scheduled", stream=slot.name, error=" ".join(str(exc).split()))
        now = time.time()
        next_due = min((slot.due(now) + slot.every_seconds for slot in scheduled), default=now + IDLE_SECONDS)
        await asyncio.sleep(max(next_due - now, LEAST_PAUSE_SECONDS))


async def defer(app: App, slot: Slot, due: int) -> None:
    """Queue the job of one due time, unless a worker has, or an earlier one still waits."""
    job = app.configure_task(
        TASK,
        lock=slot.name,
        queueing_lock=slot.name,
        task_kwargs={"source": slot.source, "stream": slot.stream, "timestamp": due},
    ).job
    with suppress(AlreadyEnqueued):
        await app.job_manager.defer_periodic_job(job=job, periodic_id=slot.name, defer_timestamp=due)
