"""The ASGI application: the GraphQL endpoint and health in front, Django behind."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

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
from gateway.endpoint.execution import Execution  # noqa: E402
from gateway.endpoint.graphql import GraphQLEndpoint  # noqa: E402
from gateway.endpoint.health import Health  # noqa: E402
from gateway.outside import warn_of_loads  # noqa: E402
from loaders.lanes import Lanes  # noqa: E402
from loaders.pipelines.lanes import PipelineLanes  # noqa: E402
from plans.engine import PlanEngine  # noqa: E402
from plans.shadow import Shadow  # noqa: E402
from sync.models import Head  # noqa: E402

App = Callable[["Scope", "Receive", "Send"], Awaitable[None]]


class Gateway:
    """Routes by path; opens the lanes at start-up and closes them at shutdown."""

    def __init__(self, execution: Execution, plan_lanes: PipelineLanes | None, behind: App) -> None:
        health = Health(execution.lanes)
        self.pools = [pool for pool in (execution.lanes, plan_lanes) if pool is not None]
        self.behind = behind
        self.routes: dict[str, App] = {
            "/graphql": GraphQLEndpoint(execution),
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
                for pool in self.pools:
                    await pool.open()
                settle_collector()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for pool in self.pools:
                    await pool.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def build() -> Gateway:
    """Put the configured schema, the configured store and Django together."""
    settings = config()
    schema: Any = import_string(settings.schema_path.replace(":", "."))
    if settings.debug:
        warn_of_loads(schema)
    lanes = Lanes(settings.database_url, count=settings.lanes, pooled=settings.pooled)
    behind: Any = get_asgi_application()
    if not settings.plans:
        return Gateway(Execution(schema, lanes), None, behind)
    plan_lanes = PipelineLanes(
        settings.database_url, count=settings.plan_lanes, driver=settings.plan_driver, pooled=settings.pooled
    )
    shadow = Shadow(schema, plan_lanes, lanes, share=settings.plan_shadow) if settings.plan_shadow else None
    plans = PlanEngine(
        schema, plan_lanes, heads_table=Head._meta.db_table, batching=settings.plan_batching, shadow=shadow
    )
    return Gateway(Execution(schema, lanes, plans, may_explain=settings.plan_explain), plan_lanes, behind)


app = build()
