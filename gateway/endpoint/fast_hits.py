"""Hits that are answered from a request's bytes, before HTTP is parsed and without a task.

A browser sends the same request as it sent before, byte by byte, on a connection that it has already. So does a CDN, a
load test, a page that is asked for again. What was found out about such a request is looked up by its bytes; all that
may have changed is asked each time: who asks and how often, whether the answer is still right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.delivery.representations import Response
from gateway.endpoint.answering import Answering
from gateway.endpoint.doors import Doors
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.remembered import Remembered
from gateway.endpoint.repeats import Repeat, Repeats
from gateway.endpoint.requests import Headers, Scope
from gateway.endpoint.sending import Sending
from gateway.load.clients import rate_key
from loaders.viewer import ANONYMOUS

BYTES = "larder.bytes"
"""Extension of an ASGI scope, for a request that came in one piece: ``WHOLE`` is the request as it came."""

WHOLE = "whole"

REMEMBERED_BYTES = 8 * 1024 * 1024
LARGEST_BYTES = 8 * 1024
OVERHEAD_BYTES = 3_000

UNIQUE = (b"x-request-id", b"traceparent")
"""Headers that are another time different: remembering such a request is for nothing."""

SWITCHING = (b"expect", b"upgrade")
"""Headers by which a client wants something of the connection: that is for HTTP's parser."""


@dataclass(slots=True, eq=False)
class Known:
    """A request that was answered. response: the last answer, head: its headers as they are sent."""

    repeat: Repeat
    method: str
    path: str
    headers: Headers
    response: Response | None = None
    head: bytes = b""


class FastHits:
    """Remembers requests by all of their bytes."""

    def __init__(self, answering: Answering, doors: Doors, repeats: Repeats, sending: Sending) -> None:
        self.answering = answering
        self.doors = doors
        self.repeats = repeats
        self.sending = sending
        self._known: Remembered[Known] = Remembered(REMEMBERED_BYTES)

    def keep(self, repeat: Repeat, scope: Scope, headers: Headers) -> None:
        """Remember a request that was found in ``repeats``."""
        extension = scope.get("extensions", {}).get(BYTES)
        if extension is None or scope["method"] == "HEAD" or any(name in headers for name in (*UNIQUE, *SWITCHING)):
            return
        data = extension[WHOLE]
        known = Known(repeat, scope["method"], scope["path"], headers)
        self._known.keep(data, known, len(data) + OVERHEAD_BYTES)

    def answer(self, data: bytes, client: Any) -> tuple[int, Iterable[bytes], bytes] | None:
        """Status, header lines and body for a request's bytes; None where it takes more than a look.

        client: address and port, as in an ASGI scope.
        """
        known = self._known.get(data)
        if known is None or not self.repeats.holds(known.repeat):
            return None
        repeat, doors = known.repeat, self.doors
        viewer = doors.identification.known(known.headers) if doors.identification is not None else ANONYMOUS
        if viewer is not repeat.viewer:
            return None
        exchange = Exchange(known.method, known.path)
        key = rate_key(viewer.subject, {"client": client}) if doors.rates is not None else ""
        if doors.rates is not None and not doors.rates.pay(key):
            return None
        response = None
        if (entry := self.answering.hit(repeat.asked, exchange)) is not None:
            response = self.sending.ready(entry, repeat.asked, repeat.media_type, repeat.encoding, known.headers)
        if response is None:
            if doors.rates is not None:
                doors.rates.refund(key)
            return None
        self.answering.repeated(repeat.asked, exchange)
        if known.response is not response:
            known.response, known.head = response, lines(doors.cors.added_to(response.headers, known.headers))
        exchange.status, exchange.sent_bytes = response.status, len(response.body)
        head = (known.head, lines(doors.told_besides(exchange)))
        doors.finished(exchange, known.headers)
        return response.status, head, response.body


def lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as HTTP/1.1 has them."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])
