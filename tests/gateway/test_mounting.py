"""What a mounted gateway does with what is not its own. The whole of it: tests/examples/test_mounting.py."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.mounting import Mounted, mounted


class Recorder:
    """An ASGI application that notes who called it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.seen.append(f"{scope['type']} {scope['path']}")


async def nothing(*_: Any) -> Any:
    return {"type": "lifespan.shutdown"}


async def test_other_paths_and_websockets_are_passed_on() -> None:
    own, behind = Recorder(), Recorder()
    gateway = Mounted({"/graphql": own}, {}, behind)
    await gateway({"type": "lifespan"}, nothing, nothing)

    for scope in (
        {"type": "http", "path": "/graphql"},
        {"type": "http", "path": "/a"},
        {"type": "websocket", "path": "/graphql"},
    ):
        await gateway(scope, nothing, nothing)

    assert own.seen == ["http /graphql"]
    assert behind.seen == ["http /a", "websocket /graphql"]


async def test_without_a_lifespan_only_what_is_larders_fails() -> None:
    own, behind = Recorder(), Recorder()
    gateway = Mounted({"/graphql": own}, {}, behind)

    await gateway({"type": "http", "path": "/a"}, nothing, nothing)
    with pytest.raises(GatewayError, match="the server runs no ASGI lifespan"):
        await gateway({"type": "http", "path": "/graphql"}, nothing, nothing)

    assert (own.seen, behind.seen) == ([], ["http /a"])


def test_what_cannot_be_served_is_refused() -> None:
    with pytest.raises(GatewayError, match=r"serves may hold only graphql, health, .* not admin"):
        mounted(Recorder(), ("graphql", "admin"))
