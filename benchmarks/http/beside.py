"""``python -m benchmarks.http.beside NAME PORT …``: the servers that Larder is measured beside, under plain uvicorn.

All have what ``larder serve`` has of uvicorn (uvloop, httptools, no access log) and its setting of the garbage
collector.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

import orjson
import typer
import uvicorn

from gateway.collector import settle_collector
from gateway.stores import set_up_django

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
Header = tuple[bytes, bytes]

STATEMENTS = "/statements"
TEXT: list[Header] = [(b"content-type", b"text/plain")]
JSON: list[Header] = [(b"content-type", b"application/json")]

command = typer.Typer(help=__doc__, no_args_is_help=True)


class Counts(Protocol):
    """What counts its data statements."""

    statements: int

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect."""


class Opened:
    """An application that lives as long as the server: ``counts`` is opened first, and tells of its statements."""

    def __init__(self, app: App, counts: Counts) -> None:
        self.app = app
        self.counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of any ASGI kind."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["path"] == STATEMENTS:
            await answer(send, str(self.counts.statements).encode(), TEXT)
        else:
            await self.app(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open, settle the garbage collector, close."""
        await receive()
        await self.counts.open()
        settle_collector()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.counts.close()
        await send({"type": "lifespan.shutdown.complete"})


class Nothing:
    """Nothing to open."""

    statements = 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...


async def answer(send: Send, body: bytes, headers: list[Header]) -> None:
    """Send 200 and a body."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request."""
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


def fixed(body: bytes, headers: list[Header]) -> App:
    """The same bytes with the same headers to every request, whose body is read."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await body_of(receive)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def run(app: App, counts: Counts, port: int) -> None:
    """Serve until told to stop."""
    uvicorn.run(
        Opened(app, counts),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="error",
    )


@command.command("fixed")
def serve_fixed(
    port: int, answer: Annotated[Path, typer.Argument(help="Folder with the files `body` and `headers`.")]
) -> None:
    """Bare uvicorn, with an answer that is there already."""
    headers = [(name.encode(), value.encode()) for name, value in orjson.loads((answer / "headers").read_bytes())]
    run(fixed((answer / "body").read_bytes(), headers), Nothing(), port)


@command.command("by-hand")
def serve_by_hand(port: int, database_url: str, connections: int) -> None:
    """Bare uvicorn, hand-written SQL on psycopg, orjson."""
    set_up_django()
    from benchmarks.contestants.limit_psycopg import LimitPsycopg
    from benchmarks.operations import STOREFRONT

    limit = LimitPsycopg(database_url, connections)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an ASGI application
        asked = orjson.loads(await body_of(receive))
        await answer(send, await limit.answer(STOREFRONT, asked["variables"]), JSON)

    run(app, limit, port)


@command.command("stock")
def serve_stock(port: int, database_url: str, connections: int) -> None:
    """Django's ASGI application with strawberry-django's view and optimizer; see ``benchmarks.http.stock``."""
    set_up_django()
    from benchmarks.http.stock import project

    app, counts = project(database_url, connections)
    run(app, counts, port)


if __name__ == "__main__":
    command()
