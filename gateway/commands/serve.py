"""``larder serve``: the HTTP gateway."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from typing import Annotated

import typer

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default LARDER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default LARDER_PORT or PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that serve; default LARDER_WORKERS.")] = None,
    log_level: Annotated[str, typer.Option(help="How much the HTTP server says.")] = "info",
    fd: Annotated[int | None, typer.Option(hidden=True, help="A socket that listens already.")] = None,
) -> None:
    """Serve GraphQL over HTTP from the store."""
    # Until the server handles signals itself: a stop on demand is no failure.
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: sys.exit(0))
    from gateway.stores import open_store

    with open_store() as settings:
        from gateway.serving.server import server_of
        from gateway.serving.workers import serve_with_workers

        address = (host or settings.host, port or settings.port)
        count = workers or settings.workers
        if fd is None and count > 1:
            asyncio.run(serve_with_workers(settings, count, *address, log_level, typer.echo))
            return
        server = server_of(settings, *address, log_level)
        server.run(None if fd is None else [socket.socket(fileno=fd)])
