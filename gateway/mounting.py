"""Larder inside a Django project of its own: the project's settings, its URLs, one server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from django.conf import settings as django_settings

from gateway.composition import Composition
from gateway.config import config
from gateway.endpoint.requests import Receive, Scope
from gateway.endpoint.responses import Send
from gateway.errors import ConfigError, GatewayError
from gateway.logs import configure_logs
from gateway.routing import SERVED, App, Gateway, paths_of

WITHOUT_LIFESPAN = "Larder is not open: the server runs no ASGI lifespan (uvicorn: --lifespan on)"


class Mounted(Gateway):
    """A gateway in front of another application, which gets whatever is not Larder's, websockets too."""

    opens = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of any ASGI kind. Raises ``GatewayError`` on a server that opened nothing."""
        if scope["type"] == "lifespan":
            self.opens = True
        elif scope["type"] != "http":
            await self.behind(scope, receive, send)
            return
        elif not self.opens and self.app_at(scope["path"]) is not self.behind:
            raise GatewayError(WITHOUT_LIFESPAN)
        await super().__call__(scope, receive, send)


def mounted(behind: App, served: Collection[str]) -> Mounted:
    """The parts of the gateway that are ``served`` in front of ``behind``. Django must be set up.

    The project's log stays as it is where it has configured structlog; its connections are its own. Raises
    ``ConfigError`` where the settings do not name the project's database, or something unknown is to be served.
    """
    if unknown := sorted(set(served) - set(SERVED)):
        raise GatewayError(f"larder.asgi.mount: serves may hold only {', '.join(SERVED)}, not {', '.join(unknown)}")
    if not hasattr(django_settings, "LARDER_SOURCES"):
        raise ConfigError("DJANGO_SETTINGS_MODULE", "its settings lack Larder's: see larder.django.engine_settings")
    settings = config()
    if not structlog.is_configured():
        configure_logs(settings.log_format)
    made: Any = Composition(settings, django_settings.SECRET_KEY, bounds_django=False)
    return Mounted(*paths_of(made, made.endpoint(), served), behind, made.parts)
