"""HTTP/1.1 by uvicorn, with connections that can be reset in the middle of a response; the Date header is the app's."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sync.simulators.http import ABORT, Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
LINGER_FOR_NOTHING = struct.pack("ii", 1, 0)


def reset(transport: asyncio.BaseTransport) -> None:
    """Close the connection with a TCP reset instead of an orderly end."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_FOR_NOTHING)
    if isinstance(transport, asyncio.Transport):
        transport.abort()


class ResettableProtocol(H11Protocol):
    """HTTP/1.1 whose app finds ``reset`` of its connection among the ASGI extensions."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app: Any = self.app

        async def resettable(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[ABORT] = partial(reset, transport)
            await app(scope, receive, send)

        self.app = resettable


@asynccontextmanager
async def running(app: App, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve ``app`` in this event loop; yields its address. Port 0 takes a free one. Raises OSError for a taken one.

    uvicorn's protocol without uvicorn's server: it has no use for signals here, and at the end it must not wait for
    requests that hang.
    """
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False, proxy_headers=False)
    config.load()
    state = ServerState()
    protocol = partial(ResettableProtocol, config, state, {})
    server = await asyncio.get_running_loop().create_server(protocol, host, port, backlog=2048)
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for connection in list(state.connections):
            if isinstance(connection, ResettableProtocol):
                connection.transport.abort()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await server.wait_closed()
