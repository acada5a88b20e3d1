"""The ASGI application: the GraphQL endpoint, health and metrics in front, Django behind."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import django
from django.core.asgi import get_asgi_application

if TYPE_CHECKING:
    from gateway.composition import Part
    from gateway.endpoint.requests import Receive, Scope
    from gateway.endpoint.responses import Send
    from gateway.serving.protocol import AtOnce

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
django.setup()

from gateway.collector import settle_collector  # noqa: E402 - after django.setup()
from gateway.composition import Composition  # noqa: E402
from gateway.config import config  # noqa: E402
from gateway.endpoint import graphql, pushing, webhooks  # noqa: E402
from gateway.logs import configure_logs  # noqa: E402
from gateway.settings import SECRET_KEY  # noqa: E402

App = Callable[["Scope", "Receive", "Send"], Awaitable[None]]


class Gateway:
    """Routes by path; opens its parts at start-up and closes them at shutdown.

    routes: by the whole path; below: by how it begins. behind: serves what nobody else does. parts: in the order in
    which they are opened. opened: called when they are. at_once: what may answer a request before it is parsed.
    """

    def __init__(
        self,
        routes: Mapping[str, App],
        below: Mapping[str, App],
        behind: App,
        parts: Sequence[Part] = (),
        *,
        opened: Callable[[], None] = lambda: None,
        at_once: AtOnce | None = None,
    ) -> None:
        self.routes = routes
        self.below = below
        self.behind = behind
        self.parts = parts
        self.opened = opened
        self.at_once = at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of any ASGI kind."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            await self.app_at(scope["path"])(scope, receive, send)

    def app_at(self, path: str) -> App:
        """What serves a path."""
        found = self.routes.get(path)
        if found is None:
            found = next((app for start, app in self.below.items() if path.startswith(start)), self.behind)
        return found

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open the parts, say so, close them when told to."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                for part in self.parts:
                    await part.open()
                self.opened()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for part in reversed(self.parts):
                    await part.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build() -> Gateway:
    """The gateway of the configured settings."""
    settings = config()
    configure_logs(settings.log_format)
    made = Composition(settings, SECRET_KEY)
    endpoint, health = made.endpoint(), made.health()
    routes: dict[str, Any] = {graphql.PATH: endpoint, "/health/live": health.live, "/health/ready": health.ready}
    below: dict[str, Any] = {f"{graphql.PATH}/": endpoint, webhooks.PATH: made.webhooks()}
    if (metrics := made.metrics()) is not None:
        routes["/metrics"] = metrics
    if (pushes := made.pushing()) is not None:
        below[pushing.PATH] = pushes
    behind: Any = get_asgi_application()
    return Gateway(
        routes,
        below,
        behind,
        made.parts,
        opened=settle_collector if settings.gc else lambda: None,
        at_once=endpoint.fast.answer if settings.fast_hits else None,
    )


app = build()
