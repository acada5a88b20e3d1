"""The instant by which an operation has to be answered, as whatever works for it sees it."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
"""By the event loop's clock; None where nothing has to end by itself."""


def remaining_seconds() -> float | None:
    """How long until the deadline, 0 once it has passed; None without one."""
    at = DEADLINE.get()
    return None if at is None else max(0.0, at - asyncio.get_running_loop().time())
