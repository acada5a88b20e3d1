"""Square's webhooks (Square API, "Square Webhooks": "Validate and process notifications")."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from sync.errors import DocumentRefused
from sync.sources.square.requests import instant
from sync.webhooks.notices import Delivered, Forged, Notice, Outdated, Unreadable

SIGNATURE = "x-square-hmacsha256-signature"
STREAMS: Mapping[str, tuple[str, ...]] = {
    "catalog.version.updated": ("catalog", "inventory"),
    "inventory.count.updated": ("inventory",),
}
"""What an event makes worth a run. A change of the catalog may be a sold-out mark."""
OLDEST, AHEAD = timedelta(hours=26), timedelta(minutes=5)
"""Square repeats a delivery for up to 24 hours."""


class SquareEvent(msgspec.Struct, frozen=True):
    """``CatalogVersionUpdatedEvent``, ``InventoryCountUpdatedEvent``."""

    type: str
    event_id: str
    created_at: str
    merchant_id: str | None = None


class SquareWebhook:
    """Reads Square's notifications: they say that something changed, and a run asks what."""

    acknowledged = 200

    def notices(self, delivered: Delivered, secret: bytes) -> Sequence[Notice]:
        """One notice per stream that the event concerns. Raises ``Forged`` and ``Unreadable``."""
        told = delivered.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(signature(delivered.url + delivered.path, delivered.body, secret), told.encode()):
            raise Forged(f"{SIGNATURE} must be the signature of this address and body")
        try:
            event = msgspec.json.decode(delivered.body, type=SquareEvent)
            created_at = instant(event.created_at)
        except (ValueError, RecursionError) as exc:
            raise Unreadable("a notification must have a type, an event_id and a created_at", exc) from exc
        except DocumentRefused as exc:
            raise Unreadable(exc.rule, exc.value) from exc
        in_time(created_at, delivered.received_at)
        return [Notice(f"{event.event_id}/{stream}", stream) for stream in STREAMS.get(event.type, ())]


def signature(url: str, body: bytes, key: bytes) -> bytes:
    """base64(HMAC-SHA256(key, url + body)). ``url`` is the one that the subscription was given."""
    return base64.b64encode(hmac.digest(key, url.encode() + body, hashlib.sha256))


def in_time(created_at: datetime, received_at: datetime) -> None:
    """Raises ``Outdated`` for what was recorded and is sent again, or comes from the future."""
    if not received_at - OLDEST <= created_at <= received_at + AHEAD:
        raise Outdated(f"created_at must be at most {OLDEST.total_seconds() / 3600:.0f} hours ago, and not to come")
