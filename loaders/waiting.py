"""Futures that several fields wait for."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any


def own(shared: asyncio.Future[Any]) -> asyncio.Future[Any]:
    """A waiter's own view of a future: graphql-core cancels what the siblings of a failed field wait for.

    Nobody has to take its exception: the operation may be over by then.
    """
    found = asyncio.shield(shared)
    found.add_done_callback(partial(taken, shared))
    return found


def taken(shared: asyncio.Future[Any], own: asyncio.Future[Any]) -> None:
    """A waiter is done. One who is cancelled takes nothing from what is shared, and may have been its only one."""
    if own.cancelled():
        shared.add_done_callback(seen)
    else:
        own.exception()


def seen(done: asyncio.Future[Any]) -> None:
    """Take note of an exception, so that asyncio does not report it as lost."""
    if not done.cancelled():
        done.exception()
