"""A store that falls silent without hanging up: what each request gets meanwhile, and how soon all is well again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.acceptance.processes import free_port, running

pytestmark = pytest.mark.slow

PLANNED = {"query": "{ locations(first: 3) { nodes { id name } } }"}
RESOLVED = {"query": "{ __typename locations(first: 3) { nodes { id name } } __schema { queryType { name } } }"}
CODES = {"DEADLINE_EXCEEDED", "STORE_BUSY", "STORE_UNAVAILABLE", "OVERLOADED"}
TIMEOUT_SECONDS = 2.0


@dataclass
class BlackHole:
    """A TCP proxy in front of PostgreSQL. While ``dark`` it swallows what comes, on open and on new connections."""

    target: dict[str, str]
    port: int = 0
    dark: bool = False
    lost: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self.target["host"], self.target.get("port", "5432")
        if host.startswith("/"):
            up_reader, up_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            up_reader, up_writer = await asyncio.open_connection(host, int(port))
        self.writers += [writer, up_writer]
        for source, sink in ((reader, up_writer), (up_reader, writer)):
            task = asyncio.create_task(self.copy(source, sink, writer))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, flow: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if self.dark:
                    # Once a packet was lost nothing on this connection ever arrives again.
                    self.lost.add(flow)
                if flow not in self.lost:
                    sink.write(data)
                    await sink.drain()
        if flow not in self.lost:
            sink.close()


@asynccontextmanager
async def black_hole(database_url: str) -> AsyncIterator[tuple[BlackHole, str]]:
    target = {name: str(value) for name, value in conninfo_to_dict(database_url).items()}
    hole = BlackHole(target)
    server = await asyncio.start_server(hole.serve, "127.0.0.1", 0)
    hole.port = server.sockets[0].getsockname()[1]
    user = quote(target.get("user", "postgres"))
    password = f":{quote(target['password'])}" if "password" in target else ""
    try:
        yield hole, f"postgresql://{user}{password}@127.0.0.1:{hole.port}{urlsplit(database_url).path}"
    finally:
        server.close()
        for task in list(hole.tasks):
            task.cancel()
        await asyncio.gather(*hole.tasks, return_exceptions=True)
        for writer in hole.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.mark.parametrize("dark_seconds", [1.0, 12.0])
async def test_every_request_is_answered_by_its_deadline_and_all_is_well_soon_after(
    store: str, dark_seconds: float
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with black_hole(store) as (hole, database_url):
        settings = {
            "LARDER_DATABASE_URL": database_url,
            "LARDER_REQUEST_TIMEOUT": str(TIMEOUT_SECONDS),
            "LARDER_RESPONSE_CACHE": "off",
            "LARDER_REGISTRY": "off",
        }
        serving = running(["serve", "--port", str(port), "--log-level", "error"], f"{url}/health/ready", **settings)
        await asyncio.to_thread(serving.__enter__)
        try:
            async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
                expected = [(await client.post("/graphql", json=question)).json() for question in (PLANNED, RESOLVED)]
                assert not any("errors" in answer for answer in expected)

                slowest, failed_at, wrong = 0.0, 0.0, list[object]()
                ended = asyncio.Event()

                async def ask(kind: int) -> None:
                    nonlocal slowest, failed_at
                    while not ended.is_set():
                        began = time.monotonic()
                        answer = (await client.post("/graphql", json=(PLANNED, RESOLVED)[kind])).json()
                        now = time.monotonic()
                        slowest = max(slowest, now - began)
                        if answer != expected[kind]:
                            failed_at = now
                            codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
                            if not codes or not codes <= CODES:
                                wrong.append(answer)
                        await asyncio.sleep(0.02)

                asking = [asyncio.create_task(ask(number % 2)) for number in range(8)]
                await asyncio.sleep(1)
                hole.dark = True
                await asyncio.sleep(dark_seconds)
                hole.dark = False
                light = time.monotonic()
                while time.monotonic() < max(light, failed_at) + 3:
                    assert time.monotonic() < light + 60
                    await asyncio.sleep(0.1)
                ended.set()
                await asyncio.gather(*asking)
        finally:
            await asyncio.to_thread(serving.__exit__, None, None, None)

    print(f"dark for {dark_seconds} s: slowest {slowest:.2f} s, well after {max(0.0, failed_at - light):.2f} s")  # noqa: T201 - the figures that the test is run for
    assert wrong == []
    assert failed_at
    assert slowest < TIMEOUT_SECONDS + 3
    assert failed_at - light <= (5 if dark_seconds > 10 else 12)
