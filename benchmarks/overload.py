"""``python -m benchmarks.overload``: a real ``larder serve`` offered several times what it can do.

The storefront page of 80 items, its answers not kept. In turn: one request at a time; as many as get answered by
clients that wait; several times that by clients that do not wait; one at a time again, right afterwards. Clients share
the machine with the gateway and PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.store import open_store

CONNECTIONS = 400
CLOSED = 16


def main(
    factor: Annotated[float, typer.Option(help="How many times the capacity is offered.")] = 4.0,
    seconds: Annotated[float, typer.Option(help="How long each turn takes.")] = 10.0,
    locations: Annotated[int, typer.Option(min=60, help="Locations of 80 items.")] = 200,
    admission: Annotated[bool, typer.Option(help="Whether the gateway limits what it executes.")] = True,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench.")
    ] = None,
) -> None:
    """Measure and print a table."""
    console = Console(width=None if Console().is_terminal else 140)
    with open_store(database_url) as url:
        from benchmarks.data import Shape, fill, storefront_slug
        from benchmarks.machine import machine
        from benchmarks.operations import STOREFRONT
        from tests.acceptance.processes import free_port, running

        fill(url, Shape(locations))
        port = free_port()
        bodies = [
            json.dumps({"query": STOREFRONT.text, "variables": {"slug": storefront_slug(number)}}).encode()
            for number in range(locations)
        ]
        environment = {
            "LARDER_DATABASE_URL": url,
            "LARDER_RESPONSE_CACHE": "off",
            "LARDER_ADMISSION": "on" if admission else "off",
        }
        arguments = ["serve", "--port", str(port), "--log-level", "error"]
        with running(arguments, f"http://127.0.0.1:{port}/health/ready", **environment):
            table = asyncio.run(compare(port, bodies, factor, seconds))
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(table)


async def compare(port: int, bodies: list[bytes], factor: float, seconds: float) -> Table:
    """The table: one row for each turn."""
    table = Table("turn", "offered/s", "answered/s", "p50 ms", "p99 ms", "503/s", "503 p99 ms", "other")
    crowd = Crowd(port, bodies)
    await crowd.connect()
    await crowd.waiting(1, 2.0)
    turns = {"one at a time": await crowd.waiting(1, seconds)}
    turns[f"{CLOSED} that wait"] = capacity = await crowd.waiting(CLOSED, seconds)
    turns[f"{factor:g} times that"] = await crowd.offering(factor * len(capacity.answered) / capacity.lasted, seconds)
    await crowd.idle()
    turns["one at a time, at once"] = await crowd.waiting(1, 1.0)
    for name, turn in turns.items():
        table.add_row(name, *turn.row())
    return table


@dataclass
class Turn:
    """What came back: seconds of the answers and of the refusals; anything else by status."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)
    offered: int = 0
    lasted: float = 0.0

    def row(self) -> list[str]:
        return [
            f"{self.offered / self.lasted:.0f}",
            f"{len(self.answered) / self.lasted:.0f}",
            share(self.answered, 0.5),
            share(self.answered, 0.99),
            f"{len(self.refused) / self.lasted:.0f}",
            share(self.refused, 0.99),
            str(dict(self.other)) if self.other else "",
        ]


def share(values: list[float], portion: float) -> str:
    """A percentile in milliseconds."""
    return f"{sorted(values)[int(len(values) * portion)] * 1000:.1f}" if values else "-"


@dataclass
class Crowd:
    """Keep-alive connections, each with one request at a time."""

    port: int
    bodies: list[bytes]
    free: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=deque)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    luck: random.Random = field(default_factory=lambda: random.Random(7))

    async def connect(self) -> None:
        """Open every connection."""
        for _ in range(CONNECTIONS):
            self.free.append(await asyncio.open_connection("127.0.0.1", self.port))

    async def waiting(self, clients: int, seconds: float) -> Turn:
        """Clients that send their next request when they have the answer."""
        turn, end = Turn(), time.perf_counter() + seconds

        async def client() -> None:
            while time.perf_counter() < end:
                await self.ask(turn, self.free.popleft())

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        turn.lasted = time.perf_counter() - began
        return turn

    async def offering(self, per_second: float, seconds: float) -> Turn:
        """Requests at random instants, whatever becomes of those before. ``no wire``: all connections were taken."""
        turn, began = Turn(), time.perf_counter()
        due = began
        while (now := time.perf_counter()) < began + seconds:
            while due <= now:
                due += self.luck.expovariate(per_second)
                if self.free:
                    task = asyncio.create_task(self.ask(turn, self.free.popleft()))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)
                else:
                    turn.offered += 1
                    turn.other["no wire"] += 1
            await asyncio.sleep(0.001)
        turn.lasted = time.perf_counter() - began
        return turn

    async def idle(self) -> None:
        """Wait for what is still on the way."""
        await asyncio.gather(*self.tasks)

    async def ask(self, turn: Turn, wire: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """One request over a connection that is free."""
        turn.offered += 1
        reader, writer = wire
        body = self.luck.choice(self.bodies)
        began = time.perf_counter()
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: larder\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        took = time.perf_counter() - began
        self.free.append(wire)
        status = head[9:12].decode()
        if status == "200" and b'"errors"' not in answer:
            turn.answered.append(took)
        elif status == "503" and b"OVERLOADED" in answer:
            turn.refused.append(took)
        else:
            turn.other[status if status != "200" else "errors"] += 1


if __name__ == "__main__":
    typer.run(main)
