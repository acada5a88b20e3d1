"""``larder simulate``: a supplier to develop and test against."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import GatewayError


def simulate(
    kind: Annotated[str, typer.Argument(help="Which kind of supplier, as in the declaration of a source.")] = "eat_api",
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8100,
    options: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="How the supplier is set up. Repeatable.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Serve this recorded folder instead of generated data (eat_api).")
    ] = None,
    step: Annotated[
        int | None, typer.Option(help="Which publication of the recording to start at, from 0 (eat_api).")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not print the address.")] = False,
) -> None:
    """Serve a simulated supplier over HTTP.

    It sells menus with prices and stock; its address is printed.
    """
    from sync.simulators.errors import SimulatorError
    from sync.simulators.kinds import open_supply
    from sync.simulators.simulator import serve

    recorded = {name: str(value) for name, value in (("replay", replay), ("step", step)) if value is not None}
    try:
        supply = open_supply(kind, recorded | dict(map(parted, options or [])))
        asyncio.run(serve(supply, host, port, announce=(lambda _: None) if quiet else typer.echo))
    except (OSError, SimulatorError) as exc:
        raise GatewayError(f"simulate: {exc}") from exc


def parted(option: str) -> tuple[str, str]:
    """The name and the value of ``NAME=VALUE``. Raises ``GatewayError``."""
    name, equals, value = option.partition("=")
    if not equals:
        raise GatewayError(f"simulate: --set must be NAME=VALUE, not {option!r}")
    return name, value
