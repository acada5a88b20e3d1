"""Webhooks: ``POST /webhooks/<source>[/…]``, where suppliers tell by themselves that something has changed.

A delivery that its supplier has signed is acknowledged once it is committed to the inbox, whatever else waits there;
what it means is for a run to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import structlog

from gateway.endpoint.errors import BUG, ClientGone, RequestError, failed_request
from gateway.endpoint.exchange import Exchange, correlation_id
from gateway.endpoint.requests import Receive, Scope, body, header, headers_of
from gateway.endpoint.responses import Send, send_json
from gateway.observing.correlation import correlated
from gateway.observing.observer import Observer
from sync.webhooks.notices import Forged, Outdated, Unreadable
from sync.webhooks.writing import InboxAway, InboxFull, InboxWriter

if TYPE_CHECKING:
    # At run time only where a source takes webhooks: a gateway that needs no supplier's code loads no HTTP client.
    from sync.webhooks.doors import Door

PATH = "/webhooks/"
NO_CONTENT = 204
AGAIN = ((b"retry-after", b"1"),)

REFUSED = {
    "WEBHOOK_UNKNOWN": "unknown_source",
    "METHOD_NOT_ALLOWED": "wrong_method",
    "REQUEST_TOO_LARGE": "too_large",
    "CLIENT_CLOSED_REQUEST": "gone",
    "WEBHOOK_FORGED": "forged",
    "WEBHOOK_UNREADABLE": "unreadable",
    "WEBHOOK_BACKLOG": "backlog_full",
    "STORE_UNAVAILABLE": "store_away",
    BUG: "failed",
}
"""What becomes of a delivery, by the code of its refusal."""

log = structlog.get_logger("larder.webhooks")


class Acknowledged(NamedTuple):
    """A delivery that is kept, or known. status: what the supplier expects. events: told by it."""

    status: int
    events: int
    outcome: str


class Webhooks:
    """Takes deliveries of at most ``max_bytes`` for the sources in ``doors``, and tells ``observer`` of each."""

    def __init__(
        self, doors: Mapping[str, Door], inbox: InboxWriter, max_bytes: int, observer: Observer | None = None
    ) -> None:
        self.doors = doors
        self.inbox = inbox
        self.max_bytes = max_bytes
        self.observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        exchange = Exchange(scope["method"], scope["path"])
        exchange.id = correlation_id(header(scope, b"x-request-id")) or exchange.id
        with correlated(exchange.id):
            outcome = await self.respond(scope, receive, noting(exchange, send), exchange)
        if self.observer is not None:
            source = source_of(scope)[0]
            traceparent = header(scope, b"traceparent") if self.observer.traces else ""
            self.observer.delivered(exchange, source if source in self.doors else "", outcome, traceparent)

    async def respond(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> str:
        """Answer, and what became of the delivery, in a word of docs/observability.md."""
        try:
            status, events, outcome = await self.answer(scope, receive)
        except ClientGone as gone:
            exchange.status, exchange.codes = gone.status, (gone.code,)
            return outcome_of(gone)
        except RequestError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - the endpoint's error mapper
            refusal = failed_request(error)
        else:
            await (send_nothing(send, status) if status == NO_CONTENT else send_json(send, status, {"events": events}))
            return outcome
        exchange.codes = (refusal.code,)
        await send_json(send, refusal.status, refusal.payload(), headers=refusal.headers)
        return outcome_of(refusal)

    async def answer(self, scope: Scope, receive: Receive) -> Acknowledged:
        """What the supplier is told. Raises ``RequestError``."""
        source, slash, rest = source_of(scope)
        door = self.doors.get(source)
        if door is None:
            raise RequestError(404, "WEBHOOK_UNKNOWN", f"no source {source[:100]!r} takes webhooks")
        if scope["method"] != "POST":
            raise RequestError(
                405, "METHOD_NOT_ALLOWED", f"use POST, not {scope['method'][:100]}", ((b"allow", b"POST"),)
            )
        self.check_length(header(scope, b"content-length"))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers_of(scope).items()}
        asked = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}{PATH}{source}"
        data = await body(receive, self.max_bytes)
        delivered = door.delivered(asked, slash + rest, headers, data, datetime.now(UTC))
        try:
            arrivals = door.arrivals(delivered)
            fresh = await self.inbox.keep(arrivals) if arrivals else 0
        except (Forged, Unreadable, InboxFull, InboxAway) as error:
            refuse(source, error)
        outcome = "accepted" if fresh else "duplicate" if arrivals else "empty"
        return Acknowledged(door.webhook.acknowledged, len(arrivals), outcome)

    def check_length(self, told: str) -> None:
        """Raise ``RequestError`` (413) for a body that says that it is too large, before any of it is read."""
        if told.isascii() and told.isdigit() and int(told[:20]) > self.max_bytes:
            raise RequestError(
                413,
                "REQUEST_TOO_LARGE",
                f"a delivery must have at most {self.max_bytes} bytes, not {told[:20]}",
                ((b"connection", b"close"),),
            )


def refuse(source: str, error: Forged | Unreadable | InboxFull | InboxAway) -> NoReturn:
    """Raise the ``RequestError`` that tells the supplier."""
    refusal = refusal_of(error)
    log.warning("delivery refused", source=source, code=refusal.code, reason=str(error) or refusal.message)
    raise refusal from error


def refusal_of(error: Forged | Unreadable | InboxFull | InboxAway) -> RequestError:
    """What the supplier is told. One that is told 503 sends the delivery again."""
    match error:
        case Forged():
            return RequestError(401, "WEBHOOK_FORGED", error.rule)
        case Unreadable():
            return RequestError(400, "WEBHOOK_UNREADABLE", str(error))
        case InboxFull():
            return RequestError(503, "WEBHOOK_BACKLOG", "more deliveries wait to be kept than may", AGAIN)
        case _:
            return RequestError(503, "STORE_UNAVAILABLE", "The store does not answer.", AGAIN)


def outcome_of(refusal: RequestError) -> str:
    """What became of a delivery that is refused."""
    return "too_old" if isinstance(refusal.__cause__, Outdated) else REFUSED[refusal.code]


def source_of(scope: Scope) -> tuple[str, str, str]:
    """The source that the path names, and what follows: ``/`` if anything, and the rest."""
    source, slash, rest = scope["path"].removeprefix(PATH).partition("/")
    return source, slash, rest


def noting(exchange: Exchange, send: Send) -> Send:
    """The same, which notes status and size of what is sent, and tells the request's id."""

    async def noted(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            message = {**message, "headers": [*message["headers"], (b"x-request-id", exchange.id.encode())]}
        else:
            exchange.sent_bytes += len(message["body"])
        await send(message)

    return noted


async def send_nothing(send: Send, status: int) -> None:
    """Send a status without a body."""
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"cache-control", b"no-store")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": b""})
