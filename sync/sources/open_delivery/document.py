"""``GET /v1/merchant``: everything about one merchant, as the supplier told it (Open Delivery v1.7.0, ``Merchant``)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import zstandard

from sync.errors import DocumentRefused
from sync.sources.open_delivery.shapes import Id, shown

LISTS = ("services", "menus", "categories", "items", "item_offers", "option_groups", "availabilities")
LEAST_TTL, MOST_TTL = 500, 86_400
LEVEL = 9


class Merchant(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The document; its entities are kept as they came, and read one by one."""

    last_update: Any = None
    ttl: Any = msgspec.field(default=None, name="TTL")
    id: Id
    status: Any = None
    basic_info: msgspec.Raw
    services: list[msgspec.Raw]
    menus: list[msgspec.Raw]
    categories: list[msgspec.Raw]
    items: list[msgspec.Raw]
    item_offers: list[msgspec.Raw]
    option_groups: list[msgspec.Raw] = msgspec.field(default_factory=list)
    availabilities: list[msgspec.Raw] = msgspec.field(default_factory=list)

    @property
    def ttl_seconds(self) -> int:
        """How long it need not be asked for again; what the specification does not allow is brought into its range."""
        told = self.ttl if isinstance(self.ttl, int) and not isinstance(self.ttl, bool) else LEAST_TTL
        return min(max(told, LEAST_TTL), MOST_TTL)

    @property
    def updated_at(self) -> datetime | None:
        """When the supplier changed it last, by the supplier's clock; None when that cannot be read."""
        try:
            told = datetime.fromisoformat(self.last_update)
            return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
        except (TypeError, ValueError, OverflowError):
            return None


DECODER = msgspec.json.Decoder(Merchant)


def read_merchant(body: bytes) -> Merchant:
    """The document. Raises ``DocumentRefused``."""
    try:
        body.decode("utf-8")
        found = DECODER.decode(body)
    except UnicodeDecodeError as exc:
        raise DocumentRefused("a document must be UTF-8", exc.reason) from exc
    except msgspec.ValidationError as exc:
        raise DocumentRefused("a document must have the documented shape", exc) from exc
    except (msgspec.DecodeError, RecursionError) as exc:
        raise DocumentRefused("a document must be JSON", f"{exc}; it starts with {shown(body)}") from exc
    return msgspec.structs.replace(found, **{name: [raw.copy() for raw in getattr(found, name)] for name in LISTS})


def packed(merchant: Merchant) -> str:
    """The document as a cursor keeps it: a fifth of its size, most of which are ids."""
    return base64.b85encode(zstandard.ZstdCompressor(LEVEL).compress(msgspec.json.encode(merchant))).decode()


def unpacked(text: str) -> Merchant:
    """The document out of a cursor."""
    return DECODER.decode(zstandard.ZstdDecompressor().decompress(base64.b85decode(text)))
