"""``python -m benchmarks.webhooks``: suppliers deliver to a real ``larder serve``, over a store that is durable.

Signed deliveries of twenty sources that speak Toast's webhooks, timed from when they were due. No worker runs, so what
was delivered stays: the inbox grows, and each stream has its one run that waits. Clients share the machine with the
gateway and PostgreSQL.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
import uuid
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Annotated

import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.store import FOLDER, open_store
from gateway.embedded.postgres import EmbeddedPostgres

SECRET = "the-suppliers-secret"  # noqa: S105 - of a simulated supplier
SOURCES = 20
START_SECONDS = 240
SOURCE = '[sources.s{}]\nkind = "toast"\nurl = "http://127.0.0.1:1"\nwebhook = {{ secret_env = "BENCH_SECRET" }}\n'
STREAMS = {"menus": "menu", "stock": "stock"}


def main(
    rate: Annotated[int, typer.Option(min=1, help="Deliveries a second.")] = 200,
    seconds: Annotated[float, typer.Option(help="For so long.")] = 30.0,
    burst: Annotated[int, typer.Option(min=1, help="Deliveries at once, on as many connections.")] = 1_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes of the gateway.")] = 1,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench, fsync on.")
    ] = None,
) -> None:
    """Measure and print a table."""
    console = Console(width=None if Console().is_terminal else 140)
    with durable(database_url) as address, open_store(address) as url, tempfile.TemporaryDirectory() as folder:
        from benchmarks.machine import machine
        from tests.acceptance.processes import free_port, running, wait_for

        empty(url)
        declared = Path(folder, "sources.toml")
        declared.write_text(declaration())
        port = free_port()
        environment = {"LARDER_DATABASE_URL": url, "LARDER_SOURCES": str(declared), "BENCH_SECRET": SECRET}
        arguments = ["serve", "--port", str(port), "--log-level", "error", "--workers", str(workers)]
        with running(arguments, None, **environment) as process:
            wait_for(f"http://127.0.0.1:{port}/health/ready", process, START_SECONDS)
            table = asyncio.run(compare(port, rate, seconds, burst))
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(table)
        for name, value in left(url).items():
            console.print(f"{name}: {value}")


def declaration() -> str:
    """The file of sources."""
    return "".join(SOURCE.format(number) for number in range(SOURCES))


@contextmanager
def durable(database_url: str | None) -> Iterator[str]:
    """Address of the store: the one given, or an embedded server that writes through before it says so."""
    if database_url is not None:
        yield database_url
        return
    server = EmbeddedPostgres(FOLDER / "durable", {"max_connections": "300"})
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE larder_sync_delivery, procrastinate_jobs CASCADE")


def left(url: str) -> dict[str, object]:
    """What is in the store."""
    statements = {
        "deliveries kept": "SELECT count(*) FROM larder_sync_delivery",
        "of the event sent 50 times": "SELECT count(*) FROM larder_sync_delivery WHERE event_id = 'again'",
        "of forged ones": "SELECT count(*) FROM larder_sync_delivery WHERE event_id LIKE 'forged%'",
        "commits": "SELECT count(DISTINCT xmin::text) FROM larder_sync_delivery",
        "jobs that wait": "SELECT count(*) FROM procrastinate_jobs",
        "most jobs of one stream": "SELECT max(n) FROM (SELECT count(*) n FROM procrastinate_jobs GROUP BY lock) jobs",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        return {name: connection.execute(statement).fetchone()[0] for name, statement in statements.items()}


async def compare(port: int, rate: int, seconds: float, burst: int) -> Table:
    """The table: one row for each turn."""
    table = Table("turn", "sent", "answers by status", "p50 ms", "p99 ms", "longest ms")
    for name, turn in (await turns(port, rate, seconds, burst)).items():
        table.add_row(name, *turn.row())
    return table


async def turns(port: int, rate: int, seconds: float, burst: int) -> dict[str, Turn]:
    """What came of each turn, by its name."""
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(group, port)
        await crowd.paced(deliveries(50, "warm"), 50)
        again = [*deliveries(450, "others"), *(delivery("again", 0) for _ in range(50))]
        random.Random(1).shuffle(again)
        found = {
            "10 a second": await crowd.paced(deliveries(50, "quiet"), 10),
            f"{rate} a second": await crowd.paced(deliveries(int(rate * seconds), "steady"), rate),
            "one event 50 times among 450": await crowd.paced(again, rate),
            "forged": await crowd.paced(deliveries(rate, "forged", "another-secret"), rate),
        }
        await crowd.prepare(burst)
        found[f"{burst} at once"] = await crowd.paced(deliveries(burst, "burst"), None)
        crowd.close()
    return found


def deliveries(count: int, name: str, secret: str = SECRET) -> Iterable[bytes]:
    return (delivery(f"{name}-{uuid.uuid4()}", number, secret) for number in range(count))


def delivery(event_id: str, number: int, secret: str = SECRET) -> bytes:
    """A request as Toast sends it, to one of the sources."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    category = list(STREAMS)[number // SOURCES % len(STREAMS)]
    details = {"restaurantGuid": str(uuid.uuid4()), "publishedDate": now}
    message = {
        "timestamp": now,
        "eventCategory": category,
        "eventType": "updated",
        "guid": event_id,
        "details": details,
    }
    body = orjson.dumps(message)
    signature = b64encode(digest(secret.encode(), body + now.encode(), sha256)).decode()
    head = (
        f"POST /webhooks/s{number % SOURCES} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Toast-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Turn:
    """What came back: seconds from when each was due, and how many of each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def row(self) -> Sequence[str]:
        times = sorted(self.seconds)
        p50, p99 = (times[int(share * (len(times) - 1))] for share in (0.5, 0.99))
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        return (f"{len(times):,}", told, *(f"{value * 1e3:.1f}" for value in (p50, p99, times[-1])))


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Crowd:
    """Clients that keep their connections. A delivery that finds none free opens one, and that counts."""

    def __init__(self, group: asyncio.TaskGroup, port: int) -> None:
        self.group = group
        self.port = port
        self.free: list[Connection] = []

    async def connected(self) -> Connection:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def prepare(self, count: int) -> None:
        """Have so many connections open: the server closes those that are idle."""
        self.close()
        self.free = [await self.connected() for _ in range(count)]

    def open_one(self) -> Connection | None:
        """A connection that is open still."""
        while self.free:
            reader, writer = self.free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def paced(self, requests: Iterable[bytes], rate: float | None) -> Turn:
        """Send so many a second, whatever becomes of those before; all at once where ``rate`` is None."""
        turn, began, sending = Turn(), time.perf_counter(), []
        made = requests if rate else list(requests)
        began = time.perf_counter()
        for number, request in enumerate(made):
            due = began + (number / rate if rate else 0)
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            sending.append(self.group.create_task(self.one(request, due, turn)))
        await asyncio.gather(*sending)
        return turn

    async def one(self, request: bytes, due: float, turn: Turn) -> None:
        """Send one and read its answer."""
        reader, writer = self.open_one() or await self.connected()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        await reader.readexactly(length)
        turn.seconds.append(time.perf_counter() - due)
        turn.statuses[int(head[9:12])] += 1
        self.free.append((reader, writer))

    def close(self) -> None:
        for _, writer in self.free:
            writer.close()


if __name__ == "__main__":
    typer.run(main)
