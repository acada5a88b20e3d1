"""The access log: one line a request, of nothing that the client may want kept to itself."""

from __future__ import annotations

import asyncio
import atexit
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.endpoint.exchange import Exchange
from gateway.observing.encoding import to_json
from gateway.observing.lines import LineWriter

FLUSH_SECONDS = 0.1
FLUSH_LINES = 500
BAD_REQUEST = 400


REPEATED = (
    "method",
    "path",
    "status",
    "operation",
    "document",
    "client",
    "client_version",
    "cache",
    "executor",
    "statements",
    "estimated_cost",
    "actual_cost",
)
"""Keys of a line whose values many requests share."""


class Answered(NamedTuple):
    """A request that is answered. at: seconds since the epoch."""

    exchange: Exchange
    seconds: float
    at: float


def told(answered: Answered) -> dict[str, Any]:
    """What a line says: neither the query string nor variables, headers, the viewer's identity or the document."""
    exchange = answered.exchange
    line: dict[str, Any] = {
        "event": "request",
        "level": "info",
        "timestamp": datetime.fromtimestamp(answered.at, UTC),
        "request_id": exchange.id,
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "operation": exchange.operation,
        "document": exchange.document,
        "client": exchange.client,
        "client_version": exchange.client_version,
        "cache": exchange.cache,
        "executor": exchange.executor,
        "statements": exchange.statements,
        "estimated_cost": exchange.estimated_cost,
        "actual_cost": exchange.actual_cost,
        "bytes": exchange.sent_bytes,
        "milliseconds": round(answered.seconds * 1000, 3),
    }
    if exchange.codes:
        line["codes"] = exchange.codes
    return line


def as_json(answered: Answered) -> bytes:
    """One line for a machine: every key is in every line, but ``codes``."""
    exchange, seconds, at = answered
    if exchange.codes:
        return to_json(told(answered)) + b"\n"
    whole = int(at)
    # An id is well-formed, so nothing in it has to be escaped.
    head = (
        f'{{"event":"request","level":"info","timestamp":"{second(whole)}.{int((at - whole) * 1e6):06}Z",'
        f'"request_id":"{exchange.id}","bytes":{exchange.sent_bytes},"milliseconds":{seconds * 1000:.3f},'
    )
    return head.encode() + repeated(*[getattr(exchange, name) for name in REPEATED])


@lru_cache(64)
def second(at: int) -> str:
    """A second since the epoch as in ISO 8601."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(1024)
def repeated(*values: object) -> bytes:
    """The end of a line: what requests have in common that are the same."""
    return to_json(dict(zip(REPEATED, values, strict=True)))[1:] + b"\n"


def as_text(answered: Answered) -> bytes:
    """One line for a person."""
    exchange = answered.exchange
    parts = [
        datetime.fromtimestamp(answered.at, UTC).strftime("%H:%M:%S"),
        f"{exchange.method} {printable(exchange.path)} {exchange.status}",
        printable(exchange.operation or "-"),
        *(part for part in (exchange.executor, exchange.cache) if part),
        f"{exchange.statements} statements",
        f"{exchange.sent_bytes} bytes",
        f"{answered.seconds * 1000:.1f} ms",
        *exchange.codes,
        f"({exchange.id})",
    ]
    return ("  ".join(parts) + "\n").encode(errors="replace")


def printable(text: str) -> str:
    """The text with its control characters escaped: no client writes lines of its own."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


FORMATS: dict[str, Callable[[Answered], bytes]] = {"json": as_json, "console": as_text}


class AccessLog:
    """Notes requests; a batch is written every ``FLUSH_SECONDS``, or sooner when it is full.

    share: of the requests without errors, those noted; one with errors always is.
    """

    def __init__(self, writer: LineWriter[Answered], share: float = 1.0) -> None:
        self.writer = writer
        self.share = share
        self._noted: list[Answered] = []
        self._timer: asyncio.TimerHandle | None = None
        atexit.register(self.close)

    def note(self, exchange: Exchange, seconds: float) -> None:
        """One request, ``seconds`` after it came."""
        if self.share < 1.0 and not is_error(exchange) and random.random() >= self.share:  # noqa: S311 - a sample
            return
        self._noted.append(Answered(exchange, seconds, time.time()))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        elif len(self._noted) >= FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        """Hand over what is noted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._noted:
            noted, self._noted = self._noted, []
            self.writer.write(noted)

    def close(self) -> None:
        """Write what is left. Also called when the process ends for any reason that Python survives."""
        atexit.unregister(self.close)
        self.flush()
        self.writer.stop()


def is_error(exchange: Exchange) -> bool:
    """Whether the client was told of an error."""
    return bool(exchange.codes) or exchange.status >= BAD_REQUEST
