"""A CDN's purging interface over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.simulators.server import running


@dataclass
class Cdn:
    """``posts`` are the bodies it was sent, ``taken`` those it answered 200. ``statuses`` are its next answers.

    A status of 0 is no answer at all.
    """

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    peers: set[int] = field(default_factory=set)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Every key of what was taken."""
        return [key for body in self.taken for key in body["surrogate_keys"]]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        self.posts.append(json.loads(body))
        self.peers.add(scope["client"][1])
        status, headers = self.statuses.pop(0) if self.statuses else (200, {})
        if status == 0:
            await asyncio.Event().wait()
        if status == 200:
            self.taken.append(self.posts[-1])
        said = [(name.encode(), value.encode()) for name, value in {"content-length": "0", **headers}.items()]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def purged() -> AsyncIterator[Cdn]:
    """A CDN that listens."""
    cdn = Cdn()
    async with running(cdn) as url:
        cdn.url = f"{url}/purge"
        yield cdn
