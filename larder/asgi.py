"""Larder's endpoint beside the URLs of a Django project: docs/mounting.md."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def mount(application: Any, *, serves: Collection[str] = ("graphql",)) -> Any:
    """An ASGI application that serves Larder's paths itself, and leaves every other one to ``application``.

    application: Django's, made before by ``get_asgi_application()``. serves: some of ``graphql``, ``graphiql``,
    ``health`` (``/health/live``, ``/health/ready``), ``webhooks``, ``metrics`` and ``documents`` (deployments over
    HTTP). The server must run its lifespan. Raises ``gateway.errors.GatewayError`` for settings that do not fit.
    """
    from gateway.mounting import mounted  # noqa: PLC0415 - models can be imported only after django.setup()

    return mounted(application, serves)
