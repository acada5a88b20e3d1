"""A supplier that speaks Square's API (2025-08-20): catalog, inventory and locations of one seller.

- ``GET /v2/locations``, ``/v2/locations/{id}``, ``/v2/catalog/list``.
- ``POST /v2/catalog/search``, ``/v2/catalog/batch-retrieve``, ``/v2/inventory/counts/batch-retrieve``.
- ``POST /_simulator/price``, ``delete``, ``forget`` (without a tombstone), ``revive``, ``sell_out``, ``count``: change
  something; see the structs below for their bodies. With ``webhook_url`` each change is told there, signed.
- ``/_simulator``: see ``sync.simulators.control``, and ``sync.simulators.faults`` for what can go wrong on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from sync.simulators.anatomy import Anatomy, Pages
from sync.simulators.deliveries import deliver
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.square_answers import Answers
from sync.simulators.square_goods import MERCHANT, stock
from sync.simulators.square_ledger import Ledger, Thing, ThingUnknown, nested
from sync.simulators.supply import Action, utc_now

OBJECTS = "/v2/catalog/*"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a simulated seller is like. ``token``: the bearer token that requests must carry; empty: none."""

    seed: int = 1
    items: int = 40
    locations: int = 2
    currency: str = "USD"
    page_size: int = 100
    token: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""


class Which(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``delete``, ``forget``, ``revive``: an object's id; without one the first item, for ``revive`` the last.

    ``revive`` ends sold-out marks too.
    """

    id: str | None = None


class Price(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``price``: a variation or modifier, or an item for all its variations; by default the first item.

    Without ``amount``, in the smallest unit, the price rises by one.
    """

    id: str | None = None
    amount: int | None = None


class SellOut(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``sell_out``: a variation, or an item for all of them; at a location, or at all; until an instant."""

    id: str | None = None
    location: str | None = None
    until: str | None = None


class Stocked(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``count``: how many of a variation are in stock at a location; it is tracked from then on."""

    id: str
    location: str
    quantity: int


class Seller:
    """One seller's account: the right answers, and what can be done to it."""

    anatomy = Anatomy(
        rows=(f"{OBJECTS} objects", "/v2/locations locations"),
        prices=(f"{OBJECTS} **.price_money.amount",),
        currencies=(f"{OBJECTS} **.price_money.currency",),
        ids=(f"{OBJECTS} objects[].id", "/v2/locations locations[].id"),
        names=(f"{OBJECTS} **.item_data.name", "/v2/locations locations[].name"),
        tenants=("/v2/locations locations[].merchant_id",),
        clocks=(f"{OBJECTS} latest_time", f"{OBJECTS} **.updated_at", "/v2/inventory/* counts[].calculated_at"),
        pages=(
            Pages("/v2/catalog/list", rows="objects", next="cursor", asked="query:cursor"),
            Pages("/v2/catalog/search", rows="objects", next="cursor", asked="body:cursor"),
            Pages("/v2/inventory/counts/*", rows="counts", next="cursor", asked="body:cursor"),
        ),
    )

    def __init__(self, options: Options | None = None, clock: Callable[[], datetime] = utc_now) -> None:
        self.options = options or Options()
        self.clock = clock
        self.ledger = Ledger(clock)
        self.events = 0
        goods = self.options
        stock(self.ledger, seed=goods.seed, items=goods.items, locations=goods.locations, currency=goods.currency)
        self.answers = Answers(self.ledger, goods.page_size)

    def now(self) -> datetime:
        return self.clock().astimezone(UTC)

    def describe(self) -> dict[str, Any]:
        return {
            "mode": "generated",
            "seed": self.options.seed,
            "events": self.events,
            "objects": len(self.ledger.objects),
        }

    def answer(self, exchange: Exchange) -> Answer:
        token = self.options.token
        if token and exchange.headers.get("authorization") != f"Bearer {token}":
            error = {"category": "AUTHENTICATION_ERROR", "code": "UNAUTHORIZED", "detail": "The token is not valid."}
            return json_answer(401, {"errors": [error]})
        return self.answers.to(exchange)

    def actions(self) -> Mapping[str, Action]:
        return {
            "price": self._price,
            "delete": self._delete,
            "forget": self._forget,
            "revive": self._revive,
            "sell_out": self._sell_out,
            "count": self._count,
        }

    async def _price(self, body: bytes) -> None:
        asked = msgspec.json.decode(body or b"{}", type=Price)

        def priced(thing: Thing) -> None:
            data = thing[f"{thing['type'].lower()}_data"]
            money = data.setdefault("price_money", {"amount": 0, "currency": self.options.currency})
            money["amount"] = money["amount"] + 1 if asked.amount is None else asked.amount
            data["pricing_type"] = "FIXED_PRICING"

        for one in self.priced(asked.id):
            self.ledger.change(one["id"], priced)
        await self.told_of_catalog()

    async def _delete(self, body: bytes) -> None:
        self.ledger.delete(msgspec.json.decode(body or b"{}", type=Which).id or self.first())
        await self.told_of_catalog()

    async def _forget(self, body: bytes) -> None:
        self.ledger.forget(msgspec.json.decode(body or b"{}", type=Which).id or self.first())

    async def _revive(self, body: bytes) -> None:
        key = msgspec.json.decode(body or b"{}", type=Which).id
        if key is None:
            key = next((one["id"] for one in reversed(self.ledger.tombstones.values()) if one["type"] == "ITEM"), None)
        if key in self.ledger.tombstones:
            self.ledger.revive(key)
        else:
            for one in self.priced(key):
                self.ledger.change(one["id"], in_stock)
        await self.told_of_catalog()

    async def _sell_out(self, body: bytes) -> None:
        asked = msgspec.json.decode(body or b"{}", type=SellOut)
        for one in self.priced(asked.id):
            for location in [asked.location] if asked.location else list(self.ledger.locations):
                self.sell_out(one["id"], location, asked.until)
        await self.told_of_catalog()

    async def _count(self, body: bytes) -> None:
        asked = msgspec.json.decode(body, type=Stocked)
        data = self.ledger.find(asked.id).get("item_variation_data", {})
        if asked.location not in self.ledger.locations:
            raise ThingUnknown(asked.location)
        if not data.get("track_inventory"):
            self.ledger.change(asked.id, lambda thing: thing["item_variation_data"].update(track_inventory=True))
        self.ledger.count(asked.id, asked.location, asked.quantity)
        counted = [self.ledger.counts[asked.id, asked.location]]
        await self.tell("inventory.count.updated", "inventory_counts", {"inventory_counts": counted})

    def sell_out(self, key: str, location: str, until: str | None = None) -> None:
        """Mark a variation or modifier as sold out at a location."""

        def marked(thing: Thing) -> None:
            overrides = thing[f"{thing['type'].lower()}_data"].setdefault("location_overrides", [])
            found = next((one for one in overrides if one["location_id"] == location), None)
            if found is None:
                overrides.append(found := {"location_id": location})
            found |= {"sold_out": True, **({"sold_out_valid_until": until} if until else {})}

        self.ledger.change(key, marked)

    def priced(self, key: str | None) -> list[Thing]:
        """A variation or modifier, or all of an item; by default of the first item. Raises ``ThingUnknown``."""
        thing = self.ledger.find(key or self.first())
        return list(nested(thing)) or [thing]

    def first(self) -> str:
        """Id of the first item. Raises ``ThingUnknown`` when there is none."""
        found = next((key for key, one in self.ledger.objects.items() if one["type"] == "ITEM"), None)
        if found is None:
            raise ThingUnknown("ITEM")
        return found

    async def told_of_catalog(self) -> None:
        """Tell that the catalog changed; of what changed Square says nothing."""
        at = {"updated_at": self.ledger.latest.isoformat().replace("+00:00", "Z")}
        await self.tell("catalog.version.updated", "catalog_version", {"catalog_version": at})

    async def tell(self, kind: str, subject: str, told: dict[str, Any]) -> int:
        """Deliver an event to the subscriber, if there is one. Returns the status of the answer, 0 without one."""
        self.events += 1
        event_id = str(uuid5(NAMESPACE_URL, f"{self.options.seed}/{self.events}/{self.now().isoformat()}"))
        event = {
            "merchant_id": MERCHANT,
            "type": kind,
            "event_id": event_id,
            "created_at": self.now().isoformat().replace("+00:00", "Z"),
            "data": {"type": subject, "id": event_id, "object": told},
        }
        url = self.options.webhook_url
        body = msgspec.json.encode(event)
        return await deliver(url, body, signed(url, body, self.options.webhook_secret)) if url else 0


def in_stock(thing: Thing) -> None:
    """End the sold-out marks of a variation or modifier."""
    for override in thing[f"{thing['type'].lower()}_data"].get("location_overrides", []):
        override.pop("sold_out_valid_until", None)
        override["sold_out"] = False


def signed(url: str, body: bytes, secret: str) -> dict[str, str]:
    """The headers of a delivery."""
    digest = hmac.digest(secret.encode(), url.encode() + body, hashlib.sha256)
    return {"x-square-hmacsha256-signature": base64.b64encode(digest).decode()}


def open_supply(options: Options) -> Seller:
    """The supply that ``larder simulate square`` serves."""
    return Seller(options)
