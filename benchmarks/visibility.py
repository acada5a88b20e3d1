"""``python -m benchmarks.visibility``: how soon many gateways show what was published, and whether one ever goes back.

Each of twenty ``larder serve`` is asked without a pause, through its response cache, by one client. A publish is one
transaction that writes a version and bumps its head, as every publish does. A gateway's delay is the time from its
commit until the first request was *sent* that was answered with that version: what a client can have seen. With
``--sever``, the connections on which gateways read the heads are ended right before each publish.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx2
import psycopg
import typer
from rich.console import Console
from rich.table import Table

SLUG = "visible"
QUERY = {"query": f'{{ location(slug: "{SLUG}") {{ address }} }}'}
CONNECTIONS = 20
"""Of one gateway, at most."""
PAUSE_SECONDS = 0.5
LATEST_SECONDS = 5.0
SEVER = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder heads'"


@dataclass(slots=True)
class Seen:
    """What one gateway showed: version -> when the first request was sent that showed it; versions that went back."""

    first: dict[int, float] = field(default_factory=dict)
    newest: int = 0
    back: int = 0
    asked: int = 0

    def note(self, version: int, sent: float, newest_before: int) -> None:
        """An answer. newest_before: what had been shown by it when the request was sent."""
        self.asked += 1
        self.back += version < newest_before
        for number in range(self.newest + 1, version + 1):
            self.first[number] = sent
        self.newest = max(self.newest, version)


def main(
    gateways: Annotated[int, typer.Option(min=1, help="Processes.")] = 20,
    publishes: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    pause_ms: Annotated[float, typer.Option(help="Between two requests to one gateway.")] = 20,
) -> None:
    """Measure with and without connections being cut."""
    from gateway.embedded.postgres import EmbeddedPostgres

    console = Console(width=None if Console().is_terminal else 140)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = EmbeddedPostgres(Path(folder), {"max_connections": str(CONNECTIONS * gateways + 50)})
        server.start()
        stack.callback(server.stop)
        os.environ |= {"LARDER_DATABASE_URL": server.url, "LARDER_DATA_DIR": folder, "LARDER_RATE_LIMITS": ""}
        from tests.acceptance.processes import free_port, larder, running, wait_for

        larder("migrate")
        place(server.url)
        ports = [free_port() for _ in range(gateways)]
        started = [stack.enter_context(running(["serve"], None, PORT=str(port))) for port in ports]
        for port, process in zip(ports, started, strict=True):
            wait_for(f"http://127.0.0.1:{port}/health/ready", process, 180)
        table = Table(title=f"{gateways} gateways, {publishes} publishes")
        for heading in ("", "p50 ms", "p99 ms", "worst ms", "never shown", "went back", "requests"):
            table.add_column(heading)
        for name, sever in (("as it is", False), ("connections cut", True)):
            table.add_row(name, *asyncio.run(measure(server.url, ports, publishes, pause_ms / 1e3, sever=sever)))
        console.print(table)


def place(url: str) -> None:
    """One location whose address is the version."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO larder_source (name, kind, account) VALUES ('bench', 'bench', '')")
        connection.execute(
            """INSERT INTO larder_location (source, external_id, node_id, scope, content_hash, slug, name, address,
                timezone, currency, accepting, item_count, sold_out_count)
            VALUES ('bench', %(slug)s::text, gen_random_uuid(), '', gen_random_uuid(), %(slug)s::text, 'Visible', '0',
                'UTC', 'EUR', true, 0, 0)""",
            {"slug": SLUG},
        )


async def measure(url: str, ports: list[int], publishes: int, pause: float, *, sever: bool) -> list[str]:
    """A row of the table."""
    seen = [Seen() for _ in ports]
    stop = asyncio.Event()
    asking = [asyncio.create_task(ask(port, one, stop, pause)) for port, one in zip(ports, seen, strict=True)]
    await asyncio.sleep(2)
    committed: dict[int, float] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        before = await (await connection.execute("SELECT max(address::int) FROM larder_location")).fetchone()
        begun = before[0] if before else 0
        for version in range(begun + 1, begun + publishes + 1):
            if sever:
                await connection.execute(SEVER)
            await connection.execute("UPDATE larder_location SET address = %s WHERE slug = %s", [str(version), SLUG])
            committed[version] = time.perf_counter()
            await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.sleep(LATEST_SECONDS)
    stop.set()
    await asyncio.gather(*asking)
    delays = sorted(
        max(one.first[version] - at, 0) * 1e3
        for version, at in committed.items()
        for one in seen
        if version in one.first
    )
    centiles = statistics.quantiles(delays, n=100)
    return [
        f"{centiles[49]:.0f}",
        f"{centiles[98]:.0f}",
        f"{delays[-1]:.0f}",
        str(len(committed) * len(seen) - len(delays)),
        str(sum(one.back for one in seen)),
        str(sum(one.asked for one in seen)),
    ]


async def ask(port: int, seen: Seen, stop: asyncio.Event, pause: float) -> None:
    """Ask one gateway for the version until told to stop."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        while not stop.is_set():
            sent, newest = time.perf_counter(), seen.newest
            answer: dict[str, Any] = (await client.post("/graphql", json=QUERY)).json()
            seen.note(int(answer["data"]["location"]["address"]), sent, newest)
            await asyncio.sleep(pause)


if __name__ == "__main__":
    typer.run(main)
