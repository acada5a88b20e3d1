"""A server that answers over real HTTP exactly what a test puts down, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.simulators.http import ABORT
from sync.simulators.server import running


@dataclass(frozen=True)
class Asked:
    """A request. ``at``: seconds of the monotonic clock; ``peer``: the client's port."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float
    peer: int


@dataclass(frozen=True)
class Reply:
    """``chunks`` are sent as they are, without a Content-Length unless ``headers`` have one.

    ``breaks``: then the connection is reset. ``pause_seconds``: before each chunk.
    """

    status: int = 200
    chunks: tuple[bytes, ...] = (b"[]",)
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    pause_seconds: float = 0


@dataclass
class Answering:
    """``replies``: by path with its query. A function gets the request; of a list the last one is answered for ever.

    Anything else is answered 404.
    """

    url: str = ""
    replies: dict[str, Reply | list[Reply] | Callable[[Asked], Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def targets(self) -> list[str]:
        return [one.target for one in self.asked]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        query = scope["query_string"].decode()
        asked = Asked(
            scope["method"],
            scope["path"] + (f"?{query}" if query else ""),
            {name.decode(): value.decode() for name, value in scope["headers"]},
            body,
            time.monotonic(),
            scope["client"][1],
        )
        self.asked.append(asked)
        await self.reply(self.found(asked), scope, send)

    def found(self, asked: Asked) -> Reply:
        match self.replies.get(asked.target, Reply(404)):
            case Reply() as reply:
                return reply
            case list() as replies:
                listed: Reply = replies.pop(0) if len(replies) > 1 else replies[0]
                return listed
            case answer:
                return answer(asked)

    async def reply(self, reply: Reply, scope: Any, send: Any) -> None:
        headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        for chunk in reply.chunks if reply.status != 304 else ():
            await asyncio.sleep(reply.pause_seconds)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if reply.breaks:
            scope["extensions"][ABORT]()
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def answering(**replies: Reply) -> AsyncIterator[Answering]:
    """Such a server."""
    server = Answering(replies={f"/{path}": reply for path, reply in replies.items()})
    async with running(server) as server.url:
        yield server
