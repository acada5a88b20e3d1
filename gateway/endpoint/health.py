"""Health: whether the process lives, and whether it can serve."""

from __future__ import annotations

from collections.abc import Callable

from psycopg import Error

from gateway.endpoint.requests import Receive, Scope
from gateway.endpoint.responses import Send, send_json
from loaders.errors import StoreError
from loaders.lanes import Lanes


class Health:
    """``/health/live`` answers while the process does; ``/health/ready`` once the store can be read.

    warm: whether the registered documents are prepared.
    """

    def __init__(self, lanes: Lanes, warm: Callable[[], bool] = lambda: True) -> None:
        self.lanes = lanes
        self.warm = warm

    async def live(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """200 while the event loop turns."""
        await send_json(send, 200, {"status": "live"})

    async def ready(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """200 when a lane can read the store's heads and documents are warm, 503 with the reason otherwise."""
        try:
            async with self.lanes.lane() as lane:
                await lane.execute("SELECT 1 FROM larder_head LIMIT 1")
        except (StoreError, Error) as error:
            await send_json(send, 503, {"status": "not ready", "store": str(error).partition("\n")[0]})
            return
        if not self.warm():
            await send_json(send, 503, {"status": "not ready", "store": "ok", "documents": "warming up"})
            return
        await send_json(send, 200, {"status": "ready", "store": "ok"})
