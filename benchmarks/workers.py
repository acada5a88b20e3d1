"""``python -m benchmarks.workers``: an hour of many suppliers' schedules in a few minutes, with several workers.

Every supplier is read by HTTP from a real server, by real ``larder worker`` processes, into the shipped catalogue. Half
way one worker is killed in the middle of its runs. One supplier hangs all the time. Printed: whether a stream ever ran
twice at once, how late runs began after they were due, and when the streams of the killed worker ran again.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from benchmarks.canteens import HANGS, Canteens
from benchmarks.crew import Crew
from benchmarks.hours import Death, Outcome, lapsed, overlaps, starts, states, waits
from benchmarks.store import open_store
from benchmarks.webhooks import durable

HOUR = 3_600
SCHEDULES = {"menu": 3_600, "stock": 900}
"""Seconds between a stream's runs, before they are compressed."""

FIRST_SECONDS = 300
CATCH_UP_SECONDS = 60
"""What came due while the workers started is done by then, so that it is not taken for lateness of the hour."""
RESUME_SECONDS = 60
"""By then the streams of a killed worker have run again: it is missed after 30 s."""
SETTLE_SECONDS = 4
"""Later than this a run has not begun in time for the figures."""
TELL_SECONDS = 15

SOURCE = """
[sources.{name}]
kind = "eat_api"
url = "{url}/{name}"
limits = {{ attempts = 1, request_seconds = 20, total_seconds = 20 }}
schedules = {{ menu = {menu}, stock = {stock} }}
"""
TABLES = "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename ~ '^(larder|procrastinate)_'"
DONE = "SELECT count(DISTINCT (source, stream)) FROM larder_sync_run WHERE state = 'PUBLISHED'"
AGAIN = """
SELECT extract(epoch FROM min(started_at))::float FROM larder_sync_run
WHERE source || '/' || stream = %s AND started_at > to_timestamp(%s) AND (state = 'PUBLISHED' OR source = %s)
"""
BEHIND = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'source' <> %s"
UNDER_WAY = """
SELECT count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'todo') FROM procrastinate_jobs
"""


def main(
    sources: Annotated[int, typer.Option(min=2, help="Suppliers, of which one hangs.")] = 200,
    workers: Annotated[int, typer.Option(min=2, help="Worker processes.")] = 4,
    slots: Annotated[int, typer.Option(min=1, help="Runs at once in each of them.")] = 4,
    seconds: Annotated[int, typer.Option(min=12, help="How long an hour of the schedules takes.")] = 240,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench, fsync on.")
    ] = None,
) -> None:
    """Measure and print a table. Exit code 1 if a promise was broken."""
    console = Console(width=None if Console().is_terminal else 140)
    with durable(database_url) as address, open_store(address) as url, tempfile.TemporaryDirectory() as folder:
        from benchmarks.machine import machine

        trial = Trial(url, Path(folder), sources, workers, slots, seconds, console)
        outcome = asyncio.run(trial.run())
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(outcome.table(trial.title, trial.intervals))
        if not outcome.kept:
            raise typer.Exit(1)


@dataclass
class Trial:
    """One hour, compressed."""

    url: str
    folder: Path
    sources: int
    workers: int
    slots: int
    seconds: int
    console: Console
    canteens: Canteens = field(default_factory=Canteens)

    @property
    def intervals(self) -> dict[str, int]:
        """Seconds between a stream's runs."""
        return {stream: interval * self.seconds // HOUR for stream, interval in SCHEDULES.items()}

    @property
    def title(self) -> str:
        return f"{self.workers} workers of {self.slots} slots, {self.sources} suppliers, {self.seconds} s"

    async def run(self) -> Outcome:
        """What came of it."""
        from sync.simulators.server import running

        names = [f"s{number}" for number in range(self.sources)]
        for name in names:
            self.canteens.open(name)
        async with running(self.canteens) as supplier:
            declared = self.folder / "sources.toml"
            declared.write_text("".join(SOURCE.format(name=name, url=supplier, **self.intervals) for name in names))
            with psycopg.connect(self.url, autocommit=True) as connection:
                empty(connection)
                crew = Crew(connection, self.url, declared, self.slots, self.folder / "workers.log")
                try:
                    began = time.monotonic()
                    for _ in range(self.workers):
                        await crew.start()
                    self.tell(f"{self.workers} workers started within {time.monotonic() - began:.1f} s")
                    return await self.hour(crew, began)
                finally:
                    await crew.stop()

    def tell(self, text: str) -> None:
        """Say at once how far it has come."""
        self.console.print(f"{time.strftime('%X')}  {text}", highlight=False)

    async def hour(self, crew: Crew, began: float) -> Outcome:
        """Let the hour pass, with a death in the middle of it. began: when the first worker was started."""
        told = time.monotonic()
        wanted = 2 * (self.sources - 1)
        while (done := crew.ask(DONE)[0][0]) < wanted:
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self.tell(f"{done} of {wanted} streams ran once{crew.failure()}")
            await crew.pause(0.5, began + FIRST_SECONDS)
        self.tell(f"all {wanted} streams ran once, {time.monotonic() - began:.1f} s after the first worker was started")
        caught_up = time.monotonic() + CATCH_UP_SECONDS
        while crew.ask(BEHIND, HANGS)[0][0] and time.monotonic() < caught_up:
            await crew.pause(0.1, math.inf)
        self.tell(f"runs still late: {crew.ask(BEHIND, HANGS)[0][0]}; the hour begins")
        since = crew.clock()
        half = self.seconds / 2
        await self.pass_by(crew, half)
        death = await crew.kill()
        self.tell(f"killed a worker that had the jobs of {', '.join(death.streams)}; runs cut: {len(death.cut)}")
        await self.pass_by(crew, half)
        until = crew.clock()
        await crew.pause(SETTLE_SECONDS, math.inf)
        while None in again(crew, death).values() and crew.clock() < death.at + RESUME_SECONDS:
            await crew.pause(0.5, math.inf)
        return self.outcome(crew, since, until, death)

    async def pass_by(self, crew: Crew, seconds: float) -> None:
        """Let time pass, and tell how it goes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(TELL_SECONDS, left))
            [(doing, waiting)] = crew.ask(UNDER_WAY)
            self.tell(f"{max(end - time.monotonic(), 0):.0f} s to go, jobs under way: {doing}, waiting: {waiting}")

    def dues(self, since: float, until: float) -> list[tuple[str, int]]:
        """The times from ``since`` to ``until`` at which streams of suppliers that answer were due."""
        from sync.schedules import Slot

        slots = [
            Slot(f"s{number}", stream, interval)
            for number in range(self.sources)
            for stream, interval in self.intervals.items()
            if f"s{number}" != HANGS
        ]
        return [
            (slot.name, due)
            for slot in slots
            for due in range(slot.due(since) + slot.every_seconds, int(until) + 1, slot.every_seconds)
        ]

    def outcome(self, crew: Crew, since: float, until: float, death: Death) -> Outcome:
        """What the record of runs and the supplier tell."""
        return Outcome(
            death,
            overlaps(crew.connection, death),
            lapsed(crew.connection, death),
            self.canteens.twice.total(),
            states(crew.connection, since),
            waits(self.dues(since, until), starts(crew.connection, since), crew.clock()),
            again(crew, death),
        )


def empty(connection: psycopg.Connection[Any]) -> None:
    [(names,)] = connection.execute(TABLES).fetchall()
    connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def again(crew: Crew, death: Death) -> dict[str, float | None]:
    """Seconds until the streams of the killed worker ran again, None for what has not."""
    found = {stream: crew.ask(AGAIN, stream, death.at, HANGS)[0][0] for stream in death.streams}
    return {stream: None if at is None else at - death.at for stream, at in found.items()}


if __name__ == "__main__":
    typer.run(main)
