"""A breaker: after some failures in a row a service is left alone until a probe in the background finds it well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

FAILURES = 3
REST_SECONDS = 1.0

Probe = Callable[[], Awaitable[bool]]


class Breaker:
    """Closed while the service is well.

    Opens after ``failures`` in a row. Then ``probe`` is tried every ``rest_seconds``, in a task and never by a request,
    so that no request waits for a service that is known to be ill; the first success closes the breaker.
    """

    def __init__(self, probe: Probe, *, failures: int = FAILURES, rest_seconds: float = REST_SECONDS) -> None:
        self.probe = probe
        self.failures = failures
        self.rest_seconds = rest_seconds
        self.opened = 0
        self._in_row = 0
        self._probing: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether the service is left alone."""
        return self._probing is not None

    def succeeded(self) -> None:
        """The service answered."""
        self._in_row = 0

    def failed(self) -> None:
        """The service did not answer, or answered nonsense."""
        self._in_row += 1
        if self._in_row >= self.failures and not self.open:
            self.opened += 1
            self._probing = asyncio.get_running_loop().create_task(self._probe())

    async def stop(self) -> None:
        """End the probing."""
        task, self._probing = self._probing, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _probe(self) -> None:
        while True:
            await asyncio.sleep(self.rest_seconds)
            if await self.probe():
                break
        self._in_row = 0
        self._probing = None
