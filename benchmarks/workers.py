"""``python -m benchmarks.workers``: an hour of many suppliers' schedules in a few minutes, with several workers.

Every supplier is read by HTTP from a real server, by real ``larder worker`` processes, into the shipped catalogue. Half
way one worker is killed in the middle of its jobs. One supplier hangs all the time. Printed: whether a stream ever ran
twice at once, how late runs began after they were due, and when the streams of the killed worker ran again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.store import open_store
from benchmarks.webhooks import durable
from gateway.embedded.lifeline import dies_with_parent

LARDER = Path(sys.executable).with_name("larder")
HOUR = 3_600
MENU_SECONDS, STOCK_SECONDS = 3_600, 900
"""What a supplier's schedule is before it is compressed."""

SHARED = "/canteens.json"
"""What both streams of a supplier begin with."""

ANSWER_SECONDS = 0.05
RESUME_SECONDS = 60
"""By then the streams of a killed worker have run again: it is missed after 30 s."""

HANGS = "s0"
SOURCE = """
[sources.{name}]
kind = "eat_api"
url = "{url}/{name}"
limits = {{ attempts = 1, request_seconds = 20, total_seconds = 20 }}
schedules = {{ menu = {menu}, stock = {stock} }}
"""
LAG = "SELECT source, stream, extract(epoch FROM started_at)::float FROM larder_sync_run WHERE started_at > %s"
OVERLAPS = """
SELECT count(*) FROM larder_sync_run a JOIN larder_sync_run b ON a.source = b.source AND a.stream = b.stream
    AND a.id < b.id AND b.started_at < coalesce(a.finished_at, b.started_at) AND a.state <> 'SUPERSEDED'
"""
"""A dead runner's run is closed by its successor, SUPERSEDED, when that has begun."""

DOING = "SELECT lock FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s"
AGAIN = """
SELECT extract(epoch FROM min(started_at) - %s)::float FROM larder_sync_run
WHERE source || '/' || stream = %s AND state = 'PUBLISHED' AND started_at > %s
"""


def main(
    sources: Annotated[int, typer.Option(min=2, help="Suppliers, of which one hangs.")] = 200,
    workers: Annotated[int, typer.Option(min=2, help="Worker processes.")] = 4,
    slots: Annotated[int, typer.Option(min=1, help="Runs at once in each of them.")] = 4,
    seconds: Annotated[int, typer.Option(min=60, help="How long an hour of the schedules takes.")] = 240,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench, fsync on.")
    ] = None,
) -> None:
    """Measure and print a table."""
    console = Console(width=None if Console().is_terminal else 140)
    with durable(database_url) as address, open_store(address) as url, tempfile.TemporaryDirectory() as folder:
        from benchmarks.machine import machine

        table = asyncio.run(Trial(url, Path(folder), sources, workers, slots, seconds, console).run())
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(table)


@dataclass
class Kitchens:
    """One canteen for each supplier, with a week of dishes; what ``hangs`` never answers."""

    documents: dict[str, bytes] = field(default_factory=dict)
    hangs: str = f"/{HANGS}/"
    asked: Counter[str] = field(default_factory=Counter)
    """Requests under way, by path."""
    twice: Counter[str] = field(default_factory=Counter)
    """Paths that were asked for while they were being asked for already: two runs of a stream at once would do so."""

    def open(self, name: str) -> None:
        """Publish what supplier ``name`` has."""
        place = {"address": "1", "latitude": 48.1, "longitude": 11.5}
        canteen = {"canteen_id": f"mensa-{name}", "name": name, "location": place, "open_hours": {}}
        today = datetime.now(UTC).date()
        for day in (today, today + timedelta(days=7)):
            year, week, _ = day.isocalendar()
            dishes = [{"name": f"Dish {n}", "prices": {}, "labels": [], "dish_type": "Pasta"} for n in range(5)]
            days = [{"date": day.isoformat(), "dishes": dishes}]
            self.put(f"/{name}/mensa-{name}/{year}/{week:02}.json", {"number": week, "year": year, "days": days})
        self.put(f"/{name}/canteens.json", [canteen])
        self.put(f"/{name}/enums/labels.json", [])
        self.put(f"/{name}/stock.json", [])

    def put(self, path: str, value: Any) -> None:
        self.documents[path] = json.dumps(value).encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from sync.simulators.http import Exchange

        now = datetime.now(UTC)
        exchange = await Exchange.read(scope, receive, send, now)
        if self.asked[exchange.path] and not exchange.path.endswith(SHARED):
            self.twice[exchange.path] += 1
        self.asked[exchange.path] += 1
        try:
            await self.answer(exchange, now)
        finally:
            self.asked[exchange.path] -= 1

    async def answer(self, exchange: Any, now: datetime) -> None:
        """Answer after a while, as suppliers do."""
        from sync.simulators.http import Answer, Document, document_answer, if_none_match

        if exchange.path.startswith(self.hangs):
            await exchange.gone()
            return
        await asyncio.sleep(ANSWER_SECONDS)
        body = self.documents.get(exchange.path)
        answer = Answer(404, b"{}") if body is None else document_answer(Document(body, now))
        await exchange.answer(if_none_match(answer, exchange.headers.get("if-none-match")))


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
    processes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    """By the worker's id in the queue."""
    kitchens: Kitchens = field(default_factory=Kitchens)
    again: dict[str, float | None] = field(default_factory=dict)
    """By stream that the killed worker ran: seconds until it ran again, None if it never did."""

    async def run(self) -> Table:
        """The table of what came of it."""
        from sync.simulators.server import running

        self.empty()
        kitchens = self.kitchens
        names = [f"s{number}" for number in range(self.sources)]
        for name in names:
            kitchens.open(name)
        async with running(kitchens) as supplier:
            every = {"menu": MENU_SECONDS * self.seconds // HOUR, "stock": STOCK_SECONDS * self.seconds // HOUR}
            declared = self.folder / "sources.toml"
            declared.write_text("".join(SOURCE.format(name=name, url=supplier, **every) for name in names))
            try:
                for _ in range(self.workers):
                    await self.start(declared)
                return await self.hour(every)
            finally:
                await self.stop()

    async def stop(self) -> None:
        """End the workers that are left."""
        for process in self.processes.values():
            if process.returncode is None:
                process.terminate()
        await asyncio.gather(*(process.wait() for process in self.processes.values()))

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement, values or None).fetchall()

    def empty(self) -> None:
        tables = "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename ~ '^(larder|procrastinate)_'"
        with psycopg.connect(self.url, autocommit=True) as connection:
            [(names,)] = connection.execute(tables).fetchall()
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")

    async def start(self, declared: Path) -> None:
        """Start a worker, and find out its id in the queue."""
        environment = {
            "LARDER_DATABASE_URL": self.url,
            "LARDER_SOURCES": str(declared),
            "LARDER_WORKER_CONCURRENCY": str(self.slots),
        }
        process = await asyncio.create_subprocess_exec(
            LARDER,
            "worker",
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.DEVNULL,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
        while not (  # noqa: ASYNC110 - looks at another process
            new := {found for (found,) in self.ask("SELECT id FROM procrastinate_workers")} - set(self.processes)
        ):
            await asyncio.sleep(0.1)
        self.processes[new.pop()] = process

    async def hour(self, every: dict[str, int]) -> Table:
        began = time.monotonic()
        states = "SELECT count(DISTINCT (source, stream)) FROM larder_sync_run WHERE state = 'PUBLISHED'"
        while self.ask(states)[0][0] < 2 * (self.sources - 1):  # noqa: ASYNC110 - looks at other processes
            await asyncio.sleep(0.5)
        self.console.print(f"every stream ran once within {time.monotonic() - began:.1f} s")
        since = datetime.now(UTC)
        await asyncio.sleep(self.seconds / 2)
        killed_at, locks = await self.kill()
        await asyncio.sleep(max(self.seconds / 2, RESUME_SECONDS))
        return self.table(every, since, killed_at, locks)

    async def kill(self) -> tuple[datetime, list[str]]:
        """Kill the first worker that has a job of a supplier that answers; its jobs."""
        while True:
            for worker, process in self.processes.items():
                process.send_signal(signal.SIGSTOP)
                locks = [lock for (lock,) in self.ask(DOING, worker)]
                if any(not lock.startswith(f"{HANGS}/") for lock in locks):
                    at = datetime.now(UTC)
                    process.kill()
                    await process.wait()
                    return at, locks
                process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.02)

    def table(self, every: dict[str, int], since: datetime, killed_at: datetime, locks: Sequence[str]) -> Table:
        from sync.schedules import Slot

        lags: dict[str, list[float]] = {}
        for source, stream, started in self.ask(LAG, since):
            lags.setdefault(source, []).append(started - Slot(source, stream, every[stream]).due(started))
        lags.pop(HANGS, None)
        of_all = sorted(lag for found in lags.values() for lag in found)
        of_sources = sorted(share(sorted(found), 0.99) for found in lags.values())
        runs = dict(self.ask("SELECT state, count(*) FROM larder_sync_run WHERE started_at > %s GROUP BY 1", since))
        due = sum((self.sources - 1) * self.seconds // interval for interval in every.values())
        self.again = {lock: self.ask(AGAIN, killed_at, lock, killed_at)[0][0] for lock in locks}
        table = Table(
            "", "", title=f"{self.workers} workers of {self.slots} slots, {self.sources} suppliers, {self.seconds} s"
        )
        table.add_row("intervals, s", ", ".join(f"{stream} {interval}" for stream, interval in every.items()))
        table.add_row("runs due of suppliers that answer", f"{due:,}")
        table.add_row("runs made", ", ".join(f"{state} {count:,}" for state, count in runs.items()))
        table.add_row("streams that ran twice at once", str(self.ask(OVERLAPS)[0][0]))
        table.add_row("requests of the same document at once", str(self.kitchens.twice.total()))
        told = (share(of_all, 0.5), share(of_all, 0.99), of_all[-1])
        table.add_row("s from due to begun: p50, p99, longest", ", ".join(f"{lag:.2f}" for lag in told))
        told = (share(of_sources, 0.5), share(of_sources, 0.99), of_sources[-1])
        table.add_row("p99 of each supplier: p50, p99, longest", ", ".join(f"{lag:.2f}" for lag in told))
        for lock, after in self.again.items():
            table.add_row(
                f"{lock}, of the killed worker", "not again" if after is None else f"again after {after:.1f} s"
            )
        return table


def share(ordered: Sequence[float], part: float) -> float:
    """The value below which ``part`` of the ordered ones lie."""
    return ordered[int(part * (len(ordered) - 1))]


if __name__ == "__main__":
    typer.run(main)
