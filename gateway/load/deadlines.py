"""Deadlines: a request is answered in time, and nobody works on for a client that has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

from gateway.endpoint.errors import ClientGone, RequestError
from gateway.endpoint.requests import Receive
from loaders.deadline import DEADLINE

T = TypeVar("T")

TIMEOUT = b"larder-timeout-ms"
"""The header in which a client says how long it waits."""

_abandoned: set[asyncio.Task[Any]] = set()
"""The loop itself keeps tasks by weak references only."""


class DeadlineExceeded(RequestError):
    """The request was not answered in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            503, "DEADLINE_EXCEEDED", f"the request was not answered within {seconds:g} s", ((b"retry-after", b"1"),)
        )


def allowed_seconds(asked: str, most: float) -> float:
    """How long a request may take. asked: the value of ``TIMEOUT``, empty without one; it can only shorten ``most``."""
    if not asked:
        return most
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10 and int(asked)):  # noqa: PLR2004 - 11 days
        raise RequestError(
            400, "BAD_REQUEST", f"{TIMEOUT.decode()} must be a positive number of milliseconds, not {asked[:50]!r}"
        )
    return min(most, int(asked) / 1000)


async def within(seconds: float, receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns. The request's body has been read, or there is none.

    When the time is over or the client hangs up, ``work`` is cancelled, and not waited for: what it holds may take a
    while to let go. ``work`` sees the deadline in ``loaders.deadline``. Raises ``DeadlineExceeded``, ``ClientGone``.
    """
    loop = asyncio.get_running_loop()
    context = copy_context()
    context.run(DEADLINE.set, loop.time() + seconds)
    working = loop.create_task(work, context=context)
    watching = loop.create_task(_until_gone(receive))
    try:
        await asyncio.wait((working, watching), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone if watching.done() else DeadlineExceeded(seconds)
    finally:
        watching.cancel()
        if not working.done():
            _abandon(working)


async def _until_gone(receive: Receive) -> None:
    whole = False
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if whole:
            # A server that repeats the end of the body would never tell.
            await asyncio.get_running_loop().create_future()
        whole = not message.get("more_body", False)


def _abandon(task: asyncio.Task[Any]) -> None:
    def forget(done: asyncio.Task[Any]) -> None:
        _abandoned.discard(done)
        if not done.cancelled():
            # Asked for, so that the loop does not report it as lost.
            done.exception()

    task.cancel()
    _abandoned.add(task)
    task.add_done_callback(forget)
