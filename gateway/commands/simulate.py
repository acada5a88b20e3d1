"""``larder simulate``: a supplier to develop and test against."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import GatewayError


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8100,
    replay: Annotated[Path | None, typer.Option(help="Serve this recorded folder instead of generated data.")] = None,
    step: Annotated[int | None, typer.Option(help="Which publication of the recording to start at, from 0.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not print the address.")] = False,
) -> None:
    """Serve a simulated supplier over HTTP.

    It sells menus with prices and stock; its address is printed.
    """
    from sync.simulators.eat_api import serve
    from sync.simulators.errors import SimulatorError

    try:
        asyncio.run(serve(host, port, replay=replay, step=step, announce=(lambda _: None) if quiet else typer.echo))
    except (OSError, SimulatorError) as exc:
        raise GatewayError(f"simulate: {exc}") from exc
