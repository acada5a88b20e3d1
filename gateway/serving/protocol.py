"""One HTTP connection: uvicorn's, and it is not held for ever by a client that stalls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.endpoint.errors import RequestError
from gateway.endpoint.fast_hits import BYTES, LARGEST_BYTES, WHOLE
from gateway.serving.draining import DRAIN

LINGER_SECONDS = 0.2
"""How long an idle connection is kept at the end: its next request may be on the way."""

AtOnce: TypeAlias = Callable[[bytes, Any], tuple[int, Iterable[bytes], bytes] | None]
"""From a request's bytes and its client to status, header lines and body: what the application has as ``at_once``."""

HEADER_TOO_SLOW = RequestError(408, "REQUEST_TIMEOUT", "the request's header did not come in time")
BODY_TOO_SLOW = RequestError(408, "REQUEST_TIMEOUT", "the request's body did not come in time")
NO_HTTP = RequestError(400, "BAD_REQUEST", "what was sent is no HTTP/1.1 request")
TOO_MANY = RequestError(503, "OVERLOADED", "the gateway has as many connections as it takes", ((b"retry-after", b"1"),))


class Bounds(Protocol):
    """The settings that a connection obeys: ``gateway.configured.serving.ServingSettings``."""

    @property
    def header_timeout(self) -> float: ...
    @property
    def body_timeout(self) -> float: ...
    @property
    def connections(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a header and a body; connections at once."""

    header_timeout: float = 10.0
    body_timeout: float = 10.0
    connections: int = 2000


class BoundedProtocol(HttpToolsProtocol):
    """What uvicorn does, within ``bounds``. Timers run only while something is incomplete.

    A header or a body that takes too long is answered 408 (RFC 9110, 15.5.9) and the connection closed, as is, with
    503, a connection too many. A connection on which nothing was ever sent is closed without a word.
    """

    bounds: Bounds = Limits()
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # None before the first request

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_header = False
        self._silent = True
        self._timer: asyncio.TimerHandle | None = None
        self._at_once: AtOnce | None = getattr(self.app, "at_once", None)
        self._used_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            self._refuse(TOO_MANY)
            return
        self._timer = self.loop.call_later(self.bounds.header_timeout, self._header_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came: a request, a part of one, or several."""
        self._silent = False
        idle = self._at_once is not None and len(data) <= LARGEST_BYTES and self._is_between_requests()
        if idle and self._answered_at_once(data):
            return
        super().data_received(data)
        if idle and self._is_one_request():
            self.scope["extensions"] = {BYTES: {WHOLE: data}}
        if self._in_header:
            # Of a header that comes in parts the first one starts the timer, and no other moves it.
            if self._timer is None:
                self._timer = self.loop.call_later(self.bounds.header_timeout, self._header_too_slow)
        elif (cycle := self.cycle) is not None and cycle.more_body and not self.transport.is_closing():
            if self._timer is None:
                self._timer = self.loop.call_later(self.bounds.body_timeout, self._body_too_slow)
        elif self._timer is not None:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._in_header = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A request can be answered."""
        self._in_header = False
        if self._timer is not None:
            self._stop_timer()
        super().on_headers_complete()
        if DRAIN.begun and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """The server is about to end: finish what was accepted, close when idle."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        elif self._in_header:
            # DRAIN has the answer close the connection; the timer bounds the wait for the rest.
            return
        else:
            self.loop.call_later(LINGER_SECONDS, self._close_if_idle)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """What was sent is no HTTP."""
        self._refuse(NO_HTTP)

    def timeout_keep_alive_handler(self) -> None:
        """Nothing was parsed for as long as an idle connection is kept."""
        left = self._used_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _is_between_requests(self) -> bool:
        """Whether all that came was answered, and the next byte is a request's first."""
        cycle = self.cycle
        if cycle is None:
            return not self._in_header
        return cycle.response_complete and not cycle.more_body and cycle.keep_alive and not self._in_header

    def _is_one_request(self) -> bool:
        """Whether what came between requests is a whole one and nothing else."""
        cycle = self.cycle
        return (
            cycle is not None
            and cycle.scope is self.scope
            and cycle.keep_alive
            and not cycle.response_started
            and not cycle.more_body
            and not self._in_header
            and not self.pipeline
        )

    def _answered_at_once(self, data: bytes) -> bool:
        if self._at_once is None or DRAIN.begun or self.flow.write_paused or self.transport.is_closing():
            return False
        try:
            found = self._at_once(data, self.client)
        except Exception:  # noqa: BLE001 - the longer way reports it, and answers
            return False
        if found is None:
            return False
        status, head, body = found
        given = [b"%b: %b\r\n" % pair for pair in self.server_state.default_headers]
        self.transport.write(b"".join([STATUS_LINE[status], *given, *head, b"\r\n"]))
        if body:
            self.transport.write(body)
        self.server_state.total_requests += 1
        self._used_at = self.loop.time()
        return True

    def _close_if_idle(self) -> None:
        if not self._in_header and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()

    def _header_too_slow(self) -> None:
        self._timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            # A request sent ahead is incomplete while the one before it is answered.
            self._timer = self.loop.call_later(self.bounds.header_timeout, self._header_too_slow)
        elif self._silent:
            self.transport.close()
        else:
            self._refuse(HEADER_TOO_SLOW)

    def _body_too_slow(self) -> None:
        self._timer = None
        if self.cycle is not None and self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(BODY_TOO_SLOW)

    def _refuse(self, error: RequestError) -> None:
        if self.transport.is_closing():
            return
        body = orjson.dumps(error.payload())
        lines = [
            STATUS_LINE[error.status],
            *(b"%b: %b\r\n" % (name, value) for name, value in (*self.server_state.default_headers, *error.headers)),
            b"content-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n" % len(body),
            b"cache-control: no-store\r\nconnection: close\r\n\r\n",
            body,
        ]
        self.transport.write(b"".join(lines))
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def bounded_by(bounds: Bounds) -> type[BoundedProtocol]:
    """The protocol with these bounds; uvicorn makes one for each connection."""
    return type("Bounded", (BoundedProtocol,), {"bounds": bounds})
