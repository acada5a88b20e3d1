"""The log: one line an event on standard output, exceptions as plain tracebacks."""

from __future__ import annotations

import logging

import structlog
from structlog.typing import Processor

from gateway.observing.correlation import add_correlation
from gateway.observing.encoding import to_json

CONSOLE: list[Processor] = [
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]
JSON: list[Processor] = [
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(lambda event, **_: to_json(event).decode()),
]
RENDERERS = {"console": CONSOLE, "json": JSON}


def configure_logs(log_format: str = "console") -> None:
    """Set up structlog, in a format of ``RENDERERS``. Each line of a request has its correlation id.

    Without this structlog draws tracebacks with every local variable, milliseconds and secrets included. Strawberry's
    own report of a field's error is left out: the endpoint logs what is not the client's fault.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_correlation,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *RENDERERS[log_format],
        ],
    )
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
