"""Hits that are answered from a request's bytes, over real connections: the same answers as by the parser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import uvicorn

from gateway.asgi import Gateway
from gateway.configured.serving import ServingSettings
from gateway.identity.keys import create, revoke
from gateway.serving.draining import DRAIN
from gateway.serving.protocol import bounded_by
from tests.gateway.serving.connections import PATIENCE, Client, until
from tests.pantry import Pantry, stocked, storefront
from tests.registered import configured, execute

NAME = '{ location(slug: "mensa") { name } }'
HEADERS = b"host: larder\r\naccept: application/json\r\n"
TARGET = f"/graphql?query={quote(NAME)}".encode()
GET = b"GET %b HTTP/1.1\r\n%b\r\n" % (TARGET, HEADERS)
BODY = b'{"query": "{ location(slug: \\"mensa\\") { name } }"}'
POST = b"POST /graphql HTTP/1.1\r\n%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    HEADERS, len(BODY), BODY,
)  # fmt: skip
ANSWER = b'{"data":{"location":{"name":"Mensa"}}}'


@dataclass
class Served:
    """fast: the requests that were answered from their bytes."""

    port: int
    fast: list[bytes] = field(default_factory=list)

    async def connect(self) -> Client:
        return Client(*await asyncio.open_connection("127.0.0.1", self.port))


@pytest.fixture
async def stock(store: str) -> str:
    def fill(pantry: Pantry) -> None:
        storefront(pantry, "mensa")

    await stocked(fill)
    return store


@asynccontextmanager
async def served(gateway: Gateway, *, idle_seconds: int = 60) -> AsyncIterator[Served]:
    """The gateway on uvicorn, as ``larder serve`` has it."""
    found = Served(0)
    gateway.at_once = noting(gateway.at_once, found.fast)
    bounds = bounded_by(ServingSettings())
    options: dict[str, Any] = {
        "timeout_keep_alive": idle_seconds,
        "log_level": "critical",
        "ws": "none",
        "proxy_headers": False,
    }
    server = uvicorn.Server(uvicorn.Config(gateway, port=0, http=bounds, **options))
    life = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    found.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.should_exit = True
        await asyncio.wait_for(life, PATIENCE)
        DRAIN.begun = False


def noting(at_once: Any, noted: list[bytes]) -> Callable[..., Any]:
    def answer(data: bytes, client: Any) -> Any:
        found = at_once(data, client)
        if found is not None:
            noted.append(data)
        return found

    return answer


async def ask(client: Client, data: bytes) -> bytes:
    await client.send(data)
    return await client.answer()


async def asked_until(client: Client, data: bytes, wanted: bytes) -> None:
    """Ask again and again, until that is in the answer."""
    ends = asyncio.get_running_loop().time() + PATIENCE
    while wanted not in (answer := await ask(client, data)):
        assert asyncio.get_running_loop().time() < ends, answer


def without_ids(answer: bytes) -> bytes:
    """An answer without what is another one each time."""
    return re.sub(rb"(date|x-request-id|server-timing): [^\r]*", b"", answer)


@pytest.fixture
async def server(stock: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    async with served(configured(monkeypatch, RESPONSE_CACHE="on", SERVER_TIMING="on", METRICS="on")) as found:
        yield found


@pytest.mark.parametrize("data", [GET, POST], ids=["GET", "POST"])
async def test_the_third_of_the_same_requests_is_answered_as_the_second(server: Served, data: bytes) -> None:
    client = await server.connect()
    answers = [await ask(client, data) for _ in range(4)]

    assert server.fast == [data, data]
    assert without_ids(answers[3]) == without_ids(answers[2]) == without_ids(answers[1])
    assert answers[3].endswith(ANSWER)
    assert len({re.findall(rb"x-request-id: ([^\r]+)", answer)[0] for answer in answers}) == 4
    assert b"cache;desc=hit" in answers[3]
    await client.close()


async def test_what_is_answered_before_parsing_is_counted_and_logged_like_the_rest(server: Served) -> None:
    client = await server.connect()
    for _ in range(5):
        await ask(client, GET)

    metrics = await ask(client, b"GET /metrics HTTP/1.1\r\nhost: larder\r\n\r\n")

    assert re.search(rb'larder_cache_events_total\{event="hit"\} 4.0', metrics), metrics
    await client.close()


async def test_a_write_is_seen(server: Served, stock: str) -> None:
    client = await server.connect()
    for _ in range(3):
        await ask(client, GET)
    with psycopg.connect(stock, autocommit=True) as connection:
        connection.execute("UPDATE larder_location SET name = 'Renamed'")

    await asked_until(client, GET, b"Renamed")

    for _ in range(3):
        assert (await ask(client, GET)).endswith(b'"Renamed"}}}')
    assert len(server.fast) >= 3
    await client.close()


async def test_a_client_that_has_it_gets_304_by_the_same_way(server: Served) -> None:
    client = await server.connect()
    [etag] = re.findall(rb"etag: ([^\r]+)", await ask(client, GET))
    asking = b"GET %b HTTP/1.1\r\n%bif-none-match: %b\r\n\r\n" % (TARGET, HEADERS, etag)

    for _ in range(3):
        await client.send(asking)
        head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert head.startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert server.fast[-1] == asking
    await client.close()


async def test_requests_sent_ahead_and_in_parts_are_answered_in_order(server: Served) -> None:
    client = await server.connect()
    for _ in range(3):
        await ask(client, GET)
        await ask(client, POST)
    fast = len(server.fast)

    await client.send(GET + POST + GET)
    ahead = [await client.answer() for _ in range(3)]
    await client.send(GET[:30])
    await asyncio.sleep(0.05)
    await client.send(GET[30:] + POST[:30])
    await asyncio.sleep(0.05)
    await client.send(POST[30:])
    parts = [await client.answer() for _ in range(2)]

    assert len(server.fast) == fast
    assert all(answer.endswith(ANSWER) for answer in ahead + parts)
    assert (await ask(client, GET)).endswith(ANSWER)
    assert len(server.fast) == fast + 1
    await client.close()


async def test_bytes_within_a_body_are_not_taken_for_a_request(server: Served) -> None:
    client = await server.connect()
    for _ in range(3):
        await ask(client, GET)
    fast = len(server.fast)
    body = b'{"query": "{ __typename }", "x": "' + GET.replace(b"\r\n", b"  ").replace(b'"', b"'") + b'"}'
    head = b"POST /graphql HTTP/1.1\r\n%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n"

    await client.send(head % (HEADERS, len(GET)))
    await asyncio.sleep(0.05)
    await client.send(GET)
    assert b" 400 " in await client.answer()
    assert (await ask(client, head % (HEADERS, len(body)) + body)).endswith(b'{"data":{"__typename":"Query"}}')

    assert len(server.fast) == fast
    await client.close()


async def test_a_client_that_may_no_longer_send_queries_is_refused(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = b"GET %b HTTP/1.1\r\n%bgraphql-client-name: web\r\n\r\n" % (TARGET, HEADERS)
    async with served(configured(monkeypatch, RESPONSE_CACHE="on", DOCUMENTS="open")) as server:
        client = await server.connect()
        for _ in range(4):
            assert (await ask(client, asking)).endswith(ANSWER)
        assert server.fast

        await execute(stock, "INSERT INTO larder_client (name, mode) VALUES ('web', 'ids-only')")

        await asked_until(client, asking, b" 400 ")
        await client.close()


async def test_a_revoked_key_is_refused(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        await psycopg.AsyncConnection.connect(stock, autocommit=True) as connection,
        served(configured(monkeypatch, RESPONSE_CACHE="on", AUTHENTICATORS="api-key")) as server,
    ):
        made = await create(connection, "kiosk", (), {}, None)
        asking = b"GET %b HTTP/1.1\r\n%bx-api-key: %b\r\n\r\n" % (TARGET, HEADERS, made.key.encode())
        client = await server.connect()
        for _ in range(4):
            assert (await ask(client, asking)).endswith(ANSWER)
        assert server.fast

        await revoke(connection, "kiosk")

        await asked_until(client, asking, b" 401 ")
        await client.close()


async def test_who_asks_too_often_is_refused(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(configured(monkeypatch, RESPONSE_CACHE="on", RATE_LIMITS="200/hour")) as server:
        client = await server.connect()

        statuses = [(await ask(client, GET)).split(b" ", 2)[1] for _ in range(210)]

        assert statuses == [b"200"] * 200 + [b"429"] * 10
        assert server.fast
        await client.close()


async def test_a_connection_in_use_is_not_idle(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(configured(monkeypatch, RESPONSE_CACHE="on"), idle_seconds=1) as server:
        client = await server.connect()
        for _ in range(16):
            assert (await ask(client, GET)).endswith(ANSWER)
            await asyncio.sleep(0.1)

        assert len(server.fast) > 10
        assert await client.rest() == b""


async def test_switched_off_every_request_is_parsed(stock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = configured(monkeypatch, RESPONSE_CACHE="on", FAST_HITS="off")

    assert gateway.at_once is None
