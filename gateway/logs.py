"""The log: one line an event, exceptions as plain tracebacks."""

from __future__ import annotations

import logging

import structlog


def configure_logs() -> None:
    """Set up structlog. Without this it draws tracebacks with every local variable, milliseconds and secrets included.

    Strawberry's own report of a field's error is left out: the endpoint logs what is not the client's fault.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
    )
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
