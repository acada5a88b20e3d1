"""The ASGI application: the GraphQL endpoint and health in front, Django behind."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import django
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from gateway.endpoint.requests import Receive, Scope
    from gateway.endpoint.responses import Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
django.setup()

from gateway.collector import settle_collector  # noqa: E402 - after django.setup()
from gateway.config import config  # noqa: E402
from gateway.endpoint import graphql, pushing  # noqa: E402
from gateway.endpoint.execution import Execution  # noqa: E402
from gateway.endpoint.graphql import GraphQLEndpoint  # noqa: E402
from gateway.endpoint.health import Health  # noqa: E402
from gateway.endpoint.pushing import Pushing  # noqa: E402
from gateway.logs import configure_logs  # noqa: E402
from gateway.outside import warn_of_loads  # noqa: E402
from gateway.registry import DocumentRegistry, without_registry  # noqa: E402
from gateway.settings import SECRET_KEY  # noqa: E402
from loaders.lanes import Lanes  # noqa: E402
from loaders.pipelines.lanes import PipelineLanes  # noqa: E402
from plans.engine import PlanEngine  # noqa: E402
from plans.shadow import Shadow  # noqa: E402
from sync.models import Head  # noqa: E402

App = Callable[["Scope", "Receive", "Send"], Awaitable[None]]


class Part(Protocol):
    """What lives as long as the gateway does."""

    async def open(self) -> None:
        """Begin."""

    async def close(self) -> None:
        """End."""


class Gateway:
    """Routes by path; opens its parts at start-up and closes them at shutdown.

    parts: in the order in which they are opened. warm: whether the registered documents are prepared. pushing: serves
    deployments over HTTP, None to leave that out.
    """

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        parts: Sequence[Part],
        behind: App,
        *,
        warm: Callable[[], bool] = lambda: True,
        pushing: Pushing | None = None,
    ) -> None:
        health = Health(endpoint.execution.lanes, warm)
        self.endpoint = endpoint
        self.parts = parts
        self.behind = behind
        self.pushing = pushing
        self.routes: dict[str, App] = {
            graphql.PATH: endpoint,
            "/health/live": health.live,
            "/health/ready": health.ready,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of any ASGI kind."""
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            await self.app_at(scope["path"])(scope, receive, send)

    def app_at(self, path: str) -> App:
        """What serves a path: Django, what nobody else does."""
        if path.startswith(f"{graphql.PATH}/"):
            return self.endpoint
        if self.pushing is not None and path.startswith(pushing.PATH):
            return self.pushing
        return self.routes.get(path, self.behind)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Open the parts, say so, close them when told to."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                for part in self.parts:
                    await part.open()
                settle_collector()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for part in reversed(self.parts):
                    await part.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build() -> Gateway:
    """Put the configured schema, the configured store and Django together."""
    configure_logs()
    settings = config()
    schema: Any = import_string(settings.schema_path.replace(":", "."))
    if settings.debug:
        warn_of_loads(schema)
    lanes = Lanes(settings.database_url, count=settings.lanes, pooled=settings.pooled)
    parts: list[Part] = [lanes]
    plans = None
    if settings.plans:
        plan_lanes = PipelineLanes(
            settings.database_url, count=settings.plan_lanes, driver=settings.plan_driver, pooled=settings.pooled
        )
        shadow = Shadow(schema, plan_lanes, lanes, share=settings.plan_shadow) if settings.plan_shadow else None
        plans = PlanEngine(
            schema, plan_lanes, heads_table=Head._meta.db_table, batching=settings.plan_batching, shadow=shadow
        )
        parts.append(plan_lanes)
    execution = Execution(schema, lanes, plans, may_explain=settings.plan_explain)
    behind: Any = get_asgi_application()
    pushes = None
    if settings.push_token:
        pushes = Pushing(settings.database_direct_url or settings.database_url, schema._schema, settings.push_token)  # noqa: SLF001 - no other way
    if not settings.registry:
        endpoint = GraphQLEndpoint(execution, without_registry(settings, execution.preparer))
        return Gateway(endpoint, parts, behind, pushing=pushes)
    registry = DocumentRegistry(settings, execution.preparer, SECRET_KEY)
    parts.append(registry)
    endpoint = GraphQLEndpoint(execution, registry.documents())
    return Gateway(endpoint, parts, behind, warm=lambda: registry.ready, pushing=pushes)


app = build()
