"""Connections of clients that stall, on a real uvicorn: what they are answered, and when they are cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from gateway.serving.draining import DRAIN
from gateway.serving.protocol import Limits, bounded_by
from tests.gateway.serving.connections import PATIENCE, Client, until

SHORT, LONG = 0.3, 60.0


@dataclass
class Served:
    server: uvicorn.Server
    port: int
    slow: asyncio.Event

    async def connect(self) -> Client:
        return Client(*await asyncio.open_connection("127.0.0.1", self.port))


@asynccontextmanager
async def served(**limits: Any) -> AsyncIterator[Served]:
    slow = asyncio.Event()

    async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] == "/early":
            await answer(send, b"early")
            return
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message["body"])
            if not message["more_body"]:
                break
        if scope["path"] == "/slow":
            await slow.wait()
        await answer(send, b"%d bytes" % size)

    async def answer(send: Any, body: bytes) -> None:
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    protocol = bounded_by(Limits(**{"header_timeout": LONG, "body_timeout": LONG, **limits}))
    config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_level="critical", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield Served(server, server.servers[0].sockets[0].getsockname()[1], slow)
    finally:
        slow.set()
        server.should_exit = True
        await asyncio.wait_for(running, PATIENCE)
        DRAIN.begun = False


GET = b"GET / HTTP/1.1\r\nhost: larder\r\n\r\n"
POST = b"POST %b HTTP/1.1\r\nhost: larder\r\ncontent-length: 5\r\n\r\n"


async def test_requests_one_after_another() -> None:
    async with served() as server:
        client = await server.connect()
        for _ in range(3):
            await client.send(GET)
            assert (await client.answer()).endswith(b"0 bytes")
        await client.send(POST % b"/" + b"he")
        await asyncio.sleep(0.05)
        await client.send(b"llo" + GET)

        assert (await client.answer()).endswith(b"5 bytes")
        assert (await client.answer()).endswith(b"0 bytes")
        await client.close()


async def test_a_header_that_stalls_is_answered_408() -> None:
    async with served(header_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(b"GET / HTTP/1.1\r\nhost: lar")

        head, _, body = (await client.rest()).partition(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\ndate: ")
        assert b"connection: close" in head
        assert body == (
            b'{"errors":[{"message":"the request\'s header did not come in time",'
            b'"extensions":{"code":"REQUEST_TIMEOUT"}}]}'
        )


async def test_a_header_that_trickles_is_cut_as_well() -> None:
    async with served(header_timeout=SHORT) as server:
        client = await server.connect()
        began = time.monotonic()
        for byte in GET[:-1]:
            await client.send(bytes([byte]))
            await asyncio.sleep(0.05)
            if client.reader._buffer:  # type: ignore[attr-defined]
                break

        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began >= SHORT * 0.9


async def test_the_second_header_of_a_connection_may_not_stall_either() -> None:
    async with served(header_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(GET)
        await client.answer()
        await client.send(GET[:10])

        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_without_a_request_is_closed_without_a_word() -> None:
    async with served(header_timeout=SHORT) as server:
        client = await server.connect()

        assert await client.rest() == b""


async def test_a_body_that_stalls_is_answered_408() -> None:
    async with served(body_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(POST % b"/" + b"he")

        answer = await client.rest()

        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"the request's body did not come in time" in answer


async def test_a_body_that_nobody_reads_any_more_is_cut_without_a_second_answer() -> None:
    async with served(body_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(POST % b"/early" + b"he")

        assert (await client.rest()).count(b"HTTP/1.1 ") == 1


async def test_a_slow_answer_is_waited_for() -> None:
    async with served(header_timeout=SHORT, body_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(POST % b"/slow" + b"hello")
        await asyncio.sleep(3 * SHORT)
        server.slow.set()

        assert (await client.answer()).endswith(b"5 bytes")
        await client.close()


async def test_a_request_sent_ahead_waits_for_the_answer_before_it() -> None:
    async with served(header_timeout=SHORT) as server:
        client = await server.connect()
        await client.send(POST % b"/slow" + b"hello" + GET[:10])
        await asyncio.sleep(3 * SHORT)
        server.slow.set()

        assert (await client.answer()).endswith(b"5 bytes")
        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_too_many_is_answered_503_and_closed() -> None:
    async with served(connections=2) as server:
        kept = [await server.connect() for _ in range(2)]
        for client in kept:
            await client.send(GET)
            await client.answer()

        answer = await (await server.connect()).rest()

        assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"retry-after: 1\r\n" in answer
        assert b'"code":"OVERLOADED"' in answer
        await kept[0].send(GET)
        assert b" 200 " in await kept[0].answer()
        await kept[0].close()
        await until(lambda: len(server.server.server_state.connections) == 1)
        again = await server.connect()
        await again.send(GET)
        assert b" 200 " in await again.answer()
        for client in (kept[1], again):
            await client.close()


async def test_while_draining_every_answer_closes_its_connection() -> None:
    async with served() as server:
        client = await server.connect()
        await client.send(GET)
        assert b"connection: close" not in await client.answer()
        DRAIN.begun = True

        await client.send(GET)

        assert b"connection: close" in await client.rest()


async def test_at_the_end_an_idle_connection_may_still_send_what_is_on_the_way() -> None:
    async with served() as server:
        client, busy = await server.connect(), await server.connect()
        await client.send(GET)
        await client.answer()
        await busy.send(POST % b"/slow" + b"hello")
        await asyncio.sleep(0.1)
        for connection in list(server.server.server_state.connections):
            connection.shutdown()
        DRAIN.begun = True
        await client.send(GET)
        server.slow.set()

        assert b" 200 " in await client.rest()
        assert b" 200 " in await busy.rest()


@pytest.mark.parametrize("data", [b"NONSENSE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
async def test_what_is_not_http_is_a_400(data: bytes) -> None:
    async with served() as server:
        client = await server.connect()
        await client.send(data)

        assert (await client.rest()).startswith(b"HTTP/1.1 400 ")
