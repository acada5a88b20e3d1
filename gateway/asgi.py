"""The ASGI application: the GraphQL endpoint and health in front, Django behind."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import django
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    import strawberry

    from gateway.endpoint.requests import Receive, Scope
    from gateway.endpoint.responses import Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
django.setup()

from gateway.config import config  # noqa: E402 - after django.setup()
from gateway.endpoint.graphql import GraphQLEndpoint  # noqa: E402
from gateway.endpoint.health import Health  # noqa: E402
from loaders.lanes import Lanes  # noqa: E402

App = Callable[["Scope", "Receive", "Send"], Awaitable[None]]


class Gateway:
    """Routes by path; opens the lanes at start-up and closes them at shutdown."""

    def __init__(self, schema: strawberry.Schema, lanes: Lanes, behind: App) -> None:
        health = Health(lanes)
        self.lanes = lanes
        self.behind = behind
        self.routes: dict[str, App] = {
            "/graphql": GraphQLEndpoint(schema, lanes),
            "/health/live": health.live,
            "/health/ready": health.ready,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of any ASGI kind."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            await self.routes.get(scope["path"], self.behind)(scope, receive, send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open the lanes, say so, close them when told to."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.lanes.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.lanes.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build() -> Gateway:
    """Put the configured schema, the configured store and Django together."""
    settings = config()
    schema: Any = import_string(settings.schema_path.replace(":", "."))
    lanes = Lanes(settings.database_url, count=settings.lanes)
    behind: Any = get_asgi_application()
    return Gateway(schema, lanes, behind)


app = build()
