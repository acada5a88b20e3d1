"""``GET /metrics``: the numbers of every worker, for Prometheus."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address

from msgspec import structs

from gateway.endpoint.errors import RequestError
from gateway.endpoint.requests import Headers, Receive, Scope, header, headers_of
from gateway.endpoint.responses import Send, send_json
from gateway.observing import exposition, snapshots
from gateway.observing.ages import Ages
from gateway.observing.families import Value
from gateway.observing.requests import Requests
from gateway.observing.shared import SharedNumbers
from gateway.observing.snapshots import Reading, Snapshot
from loaders.viewer import Viewer

PATH = "/metrics"
SCOPE = "larder:metrics"
SHARE_SECONDS = 1.0
"""How old the numbers of other workers may be."""

PROXIED = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")

Allows = Callable[[Scope], Awaitable[bool]]


async def anybody(_scope: Scope) -> bool:
    """Whoever asks."""
    return True


async def loopback(scope: Scope) -> bool:
    """Who asks from this machine, and is no proxy of somebody else."""
    client = scope.get("client")
    try:
        near = client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False
    return near and not any(name in PROXIED for name, _ in scope["headers"])


def whoever_has_scope(viewer: Callable[[Headers], Awaitable[Viewer]]) -> Allows:
    """Those with ``SCOPE``. viewer: tells who asks by the headers, or raises ``RequestError``."""

    async def allows(scope: Scope) -> bool:
        return SCOPE in (await viewer(headers_of(scope))).scopes

    return allows


class Metrics:
    """Serves the numbers of this process, or of all that share a folder.

    allows: who may read them. ages: of the store, None to leave them out. shared: None for a single process. members:
    batch groups so far, by distinct lookups.
    """

    def __init__(
        self,
        requests: Requests,
        readings: Sequence[Reading],
        *,
        allows: Allows = loopback,
        ages: Ages | None = None,
        shared: SharedNumbers | None = None,
        members: Mapping[int, int] | None = None,
    ) -> None:
        self.requests = requests
        self.readings = readings
        self.allows = allows
        self.ages = ages
        self.shared = shared
        self.members = {} if members is None else members
        self._sharing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to leave the numbers for the other workers."""
        if self.shared is not None:
            await asyncio.to_thread(self.shared.open)
            self._sharing = asyncio.get_running_loop().create_task(self._share_often(self.shared))

    async def close(self) -> None:
        """Leave them once more."""
        if self._sharing is not None and self.shared is not None:
            self._sharing.cancel()
            with suppress(asyncio.CancelledError):
                await self._sharing
            await asyncio.to_thread(self.shared.write, self.take())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer one HTTP request."""
        try:
            await self.check(scope)
            body, media_type = await self.answer(header(scope, b"accept"))
        except RequestError as error:
            await send_json(send, error.status, error.payload(), headers=error.headers)
            return
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def check(self, scope: Scope) -> None:
        """Raise ``RequestError`` for whoever may not, and for what is no reading."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise RequestError(
                405, "METHOD_NOT_ALLOWED", f"use GET, not {scope['method']}", ((b"allow", b"GET, HEAD"),)
            )
        if not await self.allows(scope):
            raise RequestError(403, "METRICS_REFUSED", "metrics are not for everybody: see LARDER_METRICS")

    async def answer(self, accept: str) -> tuple[bytes, str]:
        """The numbers in a format that ``accept`` names, and its media type."""
        mine = self.take()
        ages = await self.ages.read() if self.ages is not None else []
        # Thousands of lines: the event loop is for those who wait for answers.
        return await asyncio.to_thread(self._exposed, mine, ages, accept)

    def take(self) -> Snapshot:
        """The numbers of this process as they are."""
        return snapshots.take(os.getpid(), self.requests, self.readings, self.members)

    def _exposed(self, mine: Snapshot, ages: list[Value], accept: str) -> tuple[bytes, str]:
        if self.shared is None:
            found = snapshots.merged([mine], lambda _pid: True)
        else:
            # What was told once is in a file: should this worker be killed, no count runs backwards.
            self.shared.write(mine)
            found = self.shared.together()
        return exposition.exposed(structs.replace(found, values=found.values + ages), accept)

    async def _share_often(self, shared: SharedNumbers) -> None:
        while True:
            with suppress(OSError):
                await asyncio.to_thread(shared.write, self.take())
            await asyncio.sleep(SHARE_SECONDS)
