"""The webhook ``POST /v1/merchantUpdate`` (Open Delivery v1.7.0, ``menuUpdated``), with a bearer token.

The specification's table of paths calls it ``/v1/menuUpdated``, its text ``/v1/merchantUpdate``: both are taken. A
push has neither an id nor a time. One that repeats an earlier one word for word may be true again, so each is an event
of its own; laying it over the document twice changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from sync.sources.open_delivery.merchant import STREAM
from sync.sources.open_delivery.pushes import read_update
from sync.sources.open_delivery.shapes import Unreadable as Broken
from sync.webhooks.notices import Delivered, Forged, Notice, Unreadable

PATHS = ("/v1/merchantUpdate", "/v1/menuUpdated")


class MerchantUpdates:
    """Reads a supplier's merchant updates. ``secret`` is the access token that the supplier was given."""

    acknowledged = 204

    def notices(self, delivered: Delivered, secret: bytes) -> Sequence[Notice]:
        """The one event of a delivery, with its body; an empty body wakes the stream, which then asks."""
        scheme, _, token = delivered.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), secret):
            raise Forged("the Authorization header must be Bearer with the access token")
        if delivered.path.rstrip("/") not in PATHS:
            raise Unreadable(f"the path must be {PATHS[0]}", delivered.path)
        try:
            read_update(delivered.body)
        except Broken as exc:
            raise Unreadable(exc.rule, exc.value) from exc
        digest = hashlib.sha256(delivered.received_at.isoformat().encode() + b"\n" + delivered.body).hexdigest()
        return [Notice(digest, STREAM, carries=delivered.body.strip() or b"{}")]
