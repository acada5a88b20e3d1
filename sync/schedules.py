"""When each stream runs: every so many seconds by the wall clock, once over all workers.

Streams of one interval are due at different instants of it, so that 200 suppliers are not all asked at once. What was
missed while no worker ran is made up for by one run of each stream, in the order in which the workers find slots.
"""

from __future__ import annotations

import asyncio
import time
import zlib
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

    @property
    def offset_seconds(self) -> int:
        """When in its interval the stream is due: as good as random, and the same on every machine."""
        return zlib.crc32(self.name.encode()) % self.every_seconds

    def due(self, now: float) -> int:
        """The last time, at or before ``now``, at which the stream was due (seconds since 1970)."""
        offset = self.offset_seconds
        return int((now - offset) // self.every_seconds) * self.every_seconds + offset


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
