"""strawberry-django as most teams run it: its view, and its optimizer, under Django's own ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections as databases
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from strawberry.django.views import AsyncGraphQLView

from benchmarks.contestants.optimizer import optimized_schema

urlpatterns: list[Any] = []


class View(AsyncGraphQLView[Any, Any]):
    """The view with orjson, as its documentation recommends for speed, and with the resolvers' instant."""

    async def get_context(self, request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
        return {"request": request, "response": response, "instant": timezone.now()}

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


class Statements:
    """Counts what Django sends; its connections are pooled, as each request has a thread of its own."""

    def __init__(self, connections: int) -> None:
        self.statements = 0
        self.connections = connections

    async def open(self) -> None:
        """Share connections, and count on each."""
        options: dict[str, Any] = databases.settings["default"]["OPTIONS"]
        options["pool"] = {"min_size": self.connections, "max_size": self.connections, "timeout": 30.0}
        connection_created.connect(self._watch)

    async def close(self) -> None:
        """Close them."""
        connection: Any = databases["default"]
        await sync_to_async(connection.close_pool)()

    def _watch(self, connection: Any, **_: Any) -> None:
        if self._count not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._count)

    def _count(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.statements += 1
        return execute(*statement)


def project(database_url: str, connections: int) -> tuple[Any, Statements]:  # noqa: ARG001 - Django is set up on it
    """The ASGI application, without middleware, and what counts its statements."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]
    urlpatterns.append(path("graphql", View.as_view(schema=optimized_schema())))
    return get_asgi_application(), Statements(connections)
