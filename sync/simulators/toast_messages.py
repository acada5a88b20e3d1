"""The webhooks of a simulated Toast, signed with the subscription's secret."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime
from typing import Any
from uuid import uuid4

from sync.simulators.deliveries import deliver
from sync.simulators.toast_restaurants import ENCODER, Restaurant, written

LOW = 5
"""Toast calls a quantity below this one low."""


class Messages:
    """Sends to one address; to none when it is empty."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    async def menus_updated(self, at: datetime, found: Restaurant) -> None:
        """Menus of a restaurant were published."""
        details = {"restaurantGuid": found.menus.guid, "publishedDate": written(found.updated_at)}
        await self._send(at, "menus", "menus_updated", details)

    async def stock(self, at: datetime, found: Restaurant, guid: str) -> None:
        """The stock of an item changed."""
        row = found.stock.get(guid, {"status": "IN_STOCK", "quantity": None, "multiLocationId": guid})
        event_type = "in_stock"
        if row["status"] == "OUT_OF_STOCK":
            event_type = "out_of_stock"
        elif row["quantity"] is not None and row["quantity"] < LOW:
            event_type = "low_quantity"
        told = {name: value for name, value in row.items() if name != "guid"}
        await self._send(at, "stock", event_type, {"itemGuid": guid, "restaurantGuid": found.menus.guid, **told})

    async def _send(self, at: datetime, category: str, event_type: str, details: dict[str, Any]) -> None:
        if self._url:
            timestamp = written(at)
            event = {"timestamp": timestamp, "eventCategory": category, "eventType": event_type, "guid": str(uuid4())}
            body = ENCODER.encode({**event, "details": details})
            await deliver(self._url, body, {"Toast-Signature": signed(body, timestamp, self._secret)})


def signed(body: bytes, timestamp: str, secret: str) -> str:
    """``Toast-Signature`` of a message."""
    return b64encode(hmac.digest(secret.encode(), body + timestamp.encode(), hashlib.sha256)).decode()
