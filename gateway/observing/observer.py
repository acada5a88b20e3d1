"""What is told of every request, to whom: metrics, the access log, the log of slow operations, traces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from gateway.configured.observing import ObservingSettings
from gateway.endpoint import errors
from gateway.endpoint.exchange import Exchange
from gateway.observing.access import FORMATS, AccessLog
from gateway.observing.deliveries import Deliveries
from gateway.observing.lines import LineWriter
from gateway.observing.pauses import Pauses
from gateway.observing.requests import Requests
from gateway.observing.sentry import Sentry
from gateway.observing.slow import SlowLog
from gateway.observing.timing import server_timing
from gateway.observing.tracing import Tracing, is_configured

Sees = Callable[[Exchange, float], None]


class Observer:
    """Sees every request when it is answered. What is switched off is never asked.

    traces: whether ``traceparent`` headers are of use. Raises ``ConfigError`` for an extra that is not installed.
    """

    def __init__(self, settings: ObservingSettings, *, descriptor: int = 1) -> None:
        self.requests = Requests(settings.metric_operations, settings.metric_clients)
        self.deliveries = Deliveries()
        self.pauses = Pauses()
        self.slow = SlowLog(settings.slow_seconds) if settings.slow_seconds else None
        self.access: AccessLog | None = None
        if settings.access_log != "off":
            writer = LineWriter(FORMATS[settings.log_format], descriptor)
            self.access = AccessLog(writer, settings.access_share)
        self.tracing = Tracing() if is_configured() else None
        self.sentry = Sentry(settings.sentry_dsn) if settings.sentry_dsn else None
        self.timing: Callable[[Exchange], bytes] | None = server_timing if settings.server_timing else None
        self._counts = settings.metrics != "off"
        self._sees: list[Sees] = [self.requests.note] if self._counts else []
        self._sees += [log.note for log in (self.access, self.slow) if log is not None]

    @property
    def traces(self) -> bool:
        """Whether spans are sent."""
        return self.tracing is not None

    def finished(self, exchange: Exchange, traceparent: str = "") -> None:
        """A request is answered. traceparent: its header of that name, wanted only where ``traces``."""
        seconds = time.perf_counter() - exchange.started
        for see in self._sees:
            see(exchange, seconds)
        if self.tracing is not None:
            self.tracing.note(exchange, seconds, traceparent)

    def delivered(self, exchange: Exchange, source: str, outcome: str, traceparent: str = "") -> None:
        """A webhook's delivery is answered; it is no operation, and counted apart. source: ``""`` for none of ours."""
        seconds = time.perf_counter() - exchange.started
        if self._counts:
            self.deliveries.note(source, outcome, seconds)
            self.requests.tell(exchange.codes)
        if self.access is not None:
            self.access.note(exchange, seconds)
        if self.tracing is not None:
            self.tracing.note(exchange, seconds, traceparent)

    async def open(self) -> None:
        """Begin to watch the garbage collector and to report bugs."""
        if self._counts:
            self.pauses.open()
        if self.sentry is not None:
            errors.listeners.append(self.sentry.tell)

    async def close(self) -> None:
        """Write and send what is left."""
        self.pauses.close()
        closing = [part.close for part in (self.access, self.tracing) if part is not None]
        if self.sentry is not None:
            errors.listeners.remove(self.sentry.tell)
            closing.append(self.sentry.close)
        if self.access is not None:
            self.access.flush()
        await asyncio.gather(*(asyncio.to_thread(partial(close)) for close in closing))
