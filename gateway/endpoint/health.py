"""Health: whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from psycopg import Error

from gateway.endpoint.requests import Receive, Scope
from gateway.endpoint.responses import Send, send_json
from gateway.serving.draining import DRAIN, Drain
from loaders.deadline import DEADLINE
from loaders.errors import StoreError
from loaders.lanes import Lanes

SECONDS = 2.0
"""How long the store may take to show that it can be read."""


class Health:
    """``/health/live`` answers while the process does; ``/health/ready`` once the store can be read.

    warm: whether the registered documents are prepared. drain: whether the process was told to stop.
    """

    def __init__(self, lanes: Lanes, warm: Callable[[], bool] = lambda: True, drain: Drain = DRAIN) -> None:
        self.lanes = lanes
        self.warm = warm
        self.drain = drain
        self._checking: asyncio.Task[str | None] | None = None

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """200 while the event loop turns."""
        await send_json(send, 200, {"status": "live"})

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """200 when a lane can read the store's heads and documents are warm, 503 with the reason otherwise."""
        if self.drain.begun:
            await send_json(send, 503, {"status": "draining"})
            return
        if (fault := await self._fault()) is not None:
            await send_json(send, 503, {"status": "not ready", "store": fault})
            return
        if not self.warm():
            await send_json(send, 503, {"status": "not ready", "store": "ok", "documents": "warming up"})
            return
        await send_json(send, 200, {"status": "ready", "store": "ok"})

    async def _fault(self) -> str | None:
        """Why the store cannot be read. However many ask, one lane at a time is taken for it."""
        if self._checking is None or self._checking.done():
            self._checking = asyncio.get_running_loop().create_task(self._check())
        done, _ = await asyncio.wait({self._checking}, timeout=SECONDS)
        return self._checking.result() if done else f"no answer within {SECONDS:g} s"

    async def _check(self) -> str | None:
        DEADLINE.set(asyncio.get_running_loop().time() + SECONDS)
        try:
            async with self.lanes.lane() as lane:
                await lane.execute("SELECT 1 FROM larder_head LIMIT 1")
        except (StoreError, Error) as error:
            return str(error).partition("\n")[0]
        return None
