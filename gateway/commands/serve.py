"""``larder serve``: the HTTP gateway."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from gateway.stores import open_store

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 5


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default LARDER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default LARDER_PORT or PORT.")] = None,
    log_level: Annotated[str, typer.Option(help="How much the HTTP server says.")] = "info",
) -> None:
    """Serve GraphQL over HTTP from the store."""
    # uvicorn raises the signal that stopped it once more when it is done, and a stop on demand is no failure.
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: sys.exit(0))
    import uvicorn

    with open_store() as settings:
        uvicorn.run(
            "gateway.asgi:app",
            host=host or settings.host,
            port=port or settings.port,
            access_log=False,
            log_level=log_level,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
