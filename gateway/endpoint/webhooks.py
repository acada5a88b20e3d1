"""Webhooks: ``POST /webhooks/<source>[/…]``, where suppliers tell by themselves that something has changed.

A delivery that its supplier has signed is acknowledged once it is committed to the inbox, whatever else waits there;
what it means is for a run to find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from gateway.endpoint.errors import RequestError, failed_request
from gateway.endpoint.requests import Receive, Scope, body, header, headers_of
from gateway.endpoint.responses import Send, send_json
from sync.webhooks.notices import Forged, Unreadable
from sync.webhooks.writing import InboxAway, InboxFull, InboxWriter

if TYPE_CHECKING:
    # At run time only where a source takes webhooks: a gateway that needs no supplier's code loads no HTTP client.
    from sync.webhooks.doors import Door

PATH = "/webhooks/"
NO_CONTENT = 204
AGAIN = ((b"retry-after", b"1"),)

log = structlog.get_logger("larder.webhooks")


class Webhooks:
    """Takes deliveries of at most ``max_bytes`` for the sources in ``doors``."""

    def __init__(self, doors: Mapping[str, Door], inbox: InboxWriter, max_bytes: int) -> None:
        self.doors = doors
        self.inbox = inbox
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            status, taken = await self.answer(scope, receive)
        except RequestError as error:
            await send_json(send, error.status, error.payload(), headers=error.headers)
        except Exception as error:  # noqa: BLE001 - the endpoint's error mapper
            refusal = failed_request(error)
            await send_json(send, refusal.status, refusal.payload())
        else:
            if status == NO_CONTENT:
                await send_nothing(send, status)
            else:
                await send_json(send, status, {"events": taken})

    async def answer(self, scope: Scope, receive: Receive) -> tuple[int, int]:
        """The status that the supplier expects, and how many events were told. Raises ``RequestError``."""
        source, slash, rest = scope["path"].removeprefix(PATH).partition("/")
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
            if arrivals:
                await self.inbox.keep(arrivals)
        except (Forged, Unreadable, InboxFull, InboxAway) as error:
            refuse(source, error)
        return door.webhook.acknowledged, len(arrivals)

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


async def send_nothing(send: Send, status: int) -> None:
    """Send a status without a body."""
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"cache-control", b"no-store")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": b""})
