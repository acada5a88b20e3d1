"""Toast's webhooks (Toast, "Webhook basics" and "Message signing"): they say that something changed, and are signed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from sync.webhooks.notices import Delivered, Forged, Notice, Outdated, Unreadable

SIGNATURE = "toast-signature"
WINDOW = timedelta(minutes=10)
"""How far from our clock a message's time may lie: what was signed longer ago is a repetition."""
STREAMS: Mapping[str, str] = {"menus": "menu", "stock": "stock"}
"""Event category -> the stream that has to run. The message's details are not read: the stream asks for the truth."""
BODY = msgspec.json.Decoder(dict[str, Any])


class ToastWebhook:
    """Reads one message. A restaurant that is over capacity asks again, and so does the next run by the clock."""

    acknowledged = int(HTTPStatus.OK)

    def notices(self, delivered: Delivered, secret: bytes) -> Sequence[Notice]:
        """The stream to run, nothing for a category that nobody reads. Raises ``Forged`` and ``Unreadable``.

        ``secret`` may hold several, one a line: Toast signs each category's messages with another.
        """
        message = read_message(delivered.body)
        timestamp = message.get("timestamp")
        if not isinstance(timestamp, str):
            raise Forged("the message must have a timestamp")
        check_signature(delivered, timestamp, secret.split())
        check_time(timestamp, delivered.received_at)
        category = message.get("eventCategory")
        if not isinstance(category, str):
            raise Unreadable("eventCategory must be text", repr(category))
        stream = STREAMS.get(category)
        return [Notice(event_id(message, delivered.body), stream)] if stream else []


def read_message(body: bytes) -> dict[str, Any]:
    """The message. What has no readable timestamp has no signature that could be checked."""
    try:
        return BODY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Forged("the message must be a JSON object") from exc


def check_signature(delivered: Delivered, timestamp: str, secrets: Sequence[bytes]) -> None:
    """Raises ``Forged`` unless the message is signed with one of ``secrets``. Each takes the same time."""
    given = delivered.headers.get(SIGNATURE, "").strip().encode("utf-8", "replace")
    signatures = [signature(delivered.body, timestamp, secret) for secret in secrets]
    if not sum([hmac.compare_digest(given, expected) for expected in signatures]):
        raise Forged("Toast-Signature must be the message's")


def signature(body: bytes, timestamp: str, secret: bytes) -> bytes:
    """Base64 of HMAC-SHA256 over the body followed by its timestamp."""
    return b64encode(hmac.new(secret, body + timestamp.encode("utf-8", "replace"), hashlib.sha256).digest())


def check_time(timestamp: str, received_at: datetime) -> None:
    """Raises ``Unreadable`` for no time, ``Outdated`` for one outside of the window."""
    try:
        told = datetime.fromisoformat(timestamp)
    except ValueError as exc:
        raise Unreadable("timestamp must be a time of ISO 8601", timestamp) from exc
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    if abs(received_at - told) > WINDOW:
        raise Outdated(f"timestamp must lie within {WINDOW.total_seconds():.0f} seconds")


def event_id(message: Mapping[str, Any], body: bytes) -> str:
    """The event's guid, which stays when it is sent again; a digest of the message where it has none."""
    guid = message.get("guid")
    return guid if isinstance(guid, str) and guid else hashlib.sha256(body).hexdigest()
