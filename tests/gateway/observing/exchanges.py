"""Requests as the endpoint leaves them when they are answered."""

from __future__ import annotations

from typing import Any

from gateway.endpoint.exchange import Exchange

DOCUMENT = "ab" * 32


def answered(**known: Any) -> Exchange:
    """A storefront from the store, but for what is ``known``."""
    said: dict[str, Any] = {
        "method": "POST",
        "path": "/graphql",
        "id": "request-1",
        "status": 200,
        "sent_bytes": 30_511,
        "operation": "Storefront",
        "document": DOCUMENT,
        "client": "web",
        "client_version": "1.2",
        "cache": "miss",
        "executor": "plan",
        "statements": 7,
    }
    return Exchange(**{**said, **known})
