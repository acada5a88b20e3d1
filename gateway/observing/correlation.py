"""The id of the request that is being answered, in every line of the log that it causes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_current: ContextVar[str | None] = ContextVar("larder_request", default=None)


def current() -> str | None:
    """Correlation id of the request at hand, None outside of any."""
    return _current.get()


@contextmanager
def correlated(correlation_id: str) -> Iterator[None]:
    """Within the block, and in tasks begun there, this is the request at hand."""
    token = _current.set(correlation_id)
    try:
        yield
    finally:
        _current.reset(token)


def add_correlation(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add it to an event as ``request_id``: a processor of structlog."""
    correlation_id = _current.get()
    if correlation_id is not None:
        event.setdefault("request_id", correlation_id)
    return event
