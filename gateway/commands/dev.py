"""``larder dev``: what ``make run`` calls."""

from __future__ import annotations

import asyncio

import typer

from gateway.errors import GatewayError


def dev() -> None:
    """Run everything on this machine until Ctrl-C.

    Databases, a simulated supplier, a first sync, the worker and the gateway.
    """
    from gateway.config import config
    from gateway.development import Development
    from gateway.embedded.locks import HeldElsewhere, exclusive

    settings = config()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(settings.data_dir / "dev.lock", wait=False):
            asyncio.run(Development(settings, typer.echo).run())
    except HeldElsewhere as exc:
        raise GatewayError(f"larder dev already runs over {settings.data_dir} (pid {exc})") from exc
