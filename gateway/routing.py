"""Which part of the gateway serves which path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.endpoint import graphql, pushing, webhooks
from gateway.endpoint.requests import Receive, Scope
from gateway.endpoint.responses import Send
from gateway.graphiql.app import PATH as GRAPHIQL

if TYPE_CHECKING:
    from gateway.composition import Composition, Part
    from gateway.endpoint.graphql import GraphQLEndpoint
    from gateway.serving.protocol import AtOnce

App = Callable[[Scope, Receive, Send], Awaitable[None]]

SERVED = ("graphql", "health", "webhooks", "metrics", "graphiql", "documents")
"""What a gateway can serve, by name; documents are deployments pushed over HTTP."""


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


def paths_of(
    made: Composition, endpoint: GraphQLEndpoint, served: Collection[str] = SERVED
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What serves whole paths, and what serves those that begin so: of ``served``, as far as the settings have it."""
    whole: dict[str, Any] = {}
    below: dict[str, Any] = {}
    if "graphql" in served:
        whole[graphql.PATH] = below[f"{graphql.PATH}/"] = endpoint
    if "health" in served:
        health = made.health()
        whole |= {"/health/live": health.live, "/health/ready": health.ready}
    if "webhooks" in served:
        below[webhooks.PATH] = made.webhooks()
    if "metrics" in served and (metrics := made.metrics()) is not None:
        whole["/metrics"] = metrics
    if "graphiql" in served and (graphiql := made.graphiql()) is not None:
        whole[GRAPHIQL] = below[f"{GRAPHIQL}/"] = graphiql
    if "documents" in served and (pushes := made.pushing()) is not None:
        below[pushing.PATH] = pushes
    return whole, below
