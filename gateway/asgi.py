"""The ASGI application: the GraphQL endpoint, health and metrics in front, Django behind."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
django.setup()

from django.conf import settings as django_settings  # noqa: E402 - after django.setup()

from gateway.collector import settle_collector  # noqa: E402
from gateway.composition import Composition  # noqa: E402
from gateway.config import config  # noqa: E402
from gateway.logs import configure_logs  # noqa: E402
from gateway.projects import OWN_SETTINGS  # noqa: E402
from gateway.routing import Gateway, paths_of  # noqa: E402

__all__ = ["Gateway", "app", "build"]


def build() -> Gateway:
    """The gateway of the configured settings."""
    settings = config()
    configure_logs(settings.log_format)
    own = os.environ["DJANGO_SETTINGS_MODULE"] == OWN_SETTINGS
    made = Composition(settings, django_settings.SECRET_KEY, bounds_django=own)
    endpoint = made.endpoint()
    behind: Any = get_asgi_application()
    return Gateway(
        *paths_of(made, endpoint),
        behind,
        made.parts,
        opened=settle_collector if settings.gc else lambda: None,
        at_once=endpoint.fast.answer if settings.fast_hits else None,
    )


app = build()
