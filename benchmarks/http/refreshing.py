"""Hot refresh: what visitors meet in the second after a publish that outdates every answer."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import psycopg

from benchmarks.http.asking import Request
from benchmarks.http.results import Refreshed
from benchmarks.measure import percentile

WIRES = 32
QUARTERS = 4
PUBLISH = """
UPDATE larder_offer SET amount = amount + %s WHERE id = (SELECT min(id) FROM larder_offer WHERE amount IS NOT NULL)
"""
"""A price: every page of the catalogue depends on the prices' version."""


@dataclass(slots=True)
class Seen:
    """Requests: (seconds after the publish before it, whether it was a hit, milliseconds)."""

    requests: list[tuple[float, bool, float]] = field(default_factory=list)

    def refreshed(self, publishes: int, *, hot_refresh: bool) -> Refreshed:
        """What they come to."""
        quarters: list[list[bool]] = [[] for _ in range(QUARTERS)]
        for after, hit, _ in self.requests:
            quarters[min(int(after * QUARTERS), QUARTERS - 1)].append(hit)
        shares = [sum(hits) / max(1, len(hits)) for hits in quarters]
        took = [milliseconds for _, _, milliseconds in self.requests]
        return Refreshed(
            hot_refresh,
            publishes,
            len(self.requests),
            (shares[0], shares[1], shares[2], shares[3]),
            statistics.median(took),
            percentile(took, 0.99),
        )


async def visit(
    port: int, database_url: str, requests: Sequence[Request], *, per_second: float, publishes: int, seed: int = 3
) -> Seen:
    """Ask for pages at random instants, the n-th most wanted 1/n times as often as the first, and publish each second.

    The server has to send ``Server-Timing``. What was published is as it was afterwards, for an even number.
    """
    luck, seen = random.Random(seed), Seen()
    weights = [1 / rank for rank in range(1, len(requests) + 1)]
    wires: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
    async with AsyncExitStack() as stack:
        for _ in range(WIRES):
            wire = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(wire[1].close)
            wires.put_nowait(wire)
        database = await stack.enter_async_context(await psycopg.AsyncConnection.connect(database_url, autocommit=True))
        published = [0.0]

        async def ask(request: Request) -> None:
            wire, began = await wires.get(), time.perf_counter()
            hit = await asked(wire, request)
            wires.put_nowait(wire)
            if published[0]:
                seen.requests.append((began - published[0], hit, (time.perf_counter() - began) * 1e3))

        for request in requests:
            await ask(request)
        async with asyncio.TaskGroup() as group:
            due = time.perf_counter()
            for turn in range(publishes + 1):
                until = due + 1.0
                while (due := due + luck.expovariate(per_second)) < until:
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                    group.create_task(ask(luck.choices(requests, weights)[0]))
                due = until
                if turn < publishes:
                    await database.execute(PUBLISH, [1 if turn % 2 == 0 else -1])
                    published[0] = time.perf_counter()
    return seen


async def asked(wire: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: Request) -> bool:
    """Whether the answer to a request was a hit. Raises ``ValueError`` for anything but 200."""
    reader, writer = wire
    lines = [f"{request.method} {request.target} HTTP/1.1", "host: larder", f"content-length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + request.body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    if not head.startswith(b"http/1.1 200"):
        raise ValueError(head.decode())
    return b"cache;desc=hit" in head.partition(b"server-timing: ")[2].partition(b"\r\n")[0]
