"""A simulated supplier that speaks Open Delivery v1.7.0: generated merchants, and updates that it pushes.

==============================  =======================================================================================
request                         answer
==============================  =======================================================================================
``GET /v1/merchant``            the first merchant; ``GET /2/v1/merchant``: the second, each at an address of its own
==============================  =======================================================================================

With ``api_key`` it wants an ``X-API-KEY`` (403 without). With ``webhook_url`` it POSTs every change to
``{webhook_url}/v1/merchantUpdate``, with ``webhook_secret`` as the bearer token, as a partial update; a deletion, which
an update cannot express, as an empty one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from sync.simulators.anatomy import Anatomy
from sync.simulators.deliveries import deliver
from sync.simulators.errors import SimulatorError
from sync.simulators.http import Answer, Document, Exchange, document_answer, json_answer
from sync.simulators.open_delivery_data import instant, merchant
from sync.simulators.supply import Action, utc_now

ROUTE = "v1/merchant"
PUSHES_TO = "/v1/merchantUpdate"
AT = f"*/{ROUTE}"
STEP = timedelta(milliseconds=1)

ANATOMY = Anatomy(
    rows=(f"{AT} itemOffers",),
    prices=(f"{AT} itemOffers.[].price.value", f"{AT} optionGroups.[].options.[].price.value"),
    currencies=(f"{AT} itemOffers.[].price.currency", f"{AT} optionGroups.[].options.[].price.currency"),
    ids=(f"{AT} itemOffers.[].id",),
    names=(f"{AT} items.[].name", f"{AT} categories.[].name"),
    tenants=(f"{AT} id",),
    clocks=(f"{AT} lastUpdate",),
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``larder simulate open_delivery --set`` may set. ``items``: item offers of each merchant."""

    seed: int = 1
    merchants: int = 1
    items: int = 40
    ttl: int = 500
    api_key: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of an action: which merchant, and which of its item offers, counted from 0. ``push`` False: silently."""

    merchant: int = 1
    offer: int = 0
    value: float | None = None
    push: bool = True


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of ``POST /_simulator/push``: what is pushed, word for word; the document stays as it is."""

    body: msgspec.Raw = msgspec.Raw(b"")


class OpenDelivery:
    """The merchants and what happens to them.

    Actions take ``{"merchant": 1, "offer": 0, "push": true}``; all but ``push`` change the document too.

    ================  ========================================================================================
    action            what happens, and what is pushed
    ================  ========================================================================================
    ``price``         an item offer costs ``value``, or 1 more than before: ITEM_OFFER
    ``sell_out``      an item offer is UNAVAILABLE: ITEM_OFFER
    ``revive``        it is AVAILABLE again: ITEM_OFFER
    ``rename``        the item of an item offer has another name: ITEM
    ``delete``        an item offer is gone: an empty update
    ``close``         the merchant is UNAVAILABLE: merchantStatus
    ``open``          the merchant is AVAILABLE again: merchantStatus
    ``publish``       every price rises by 0.50, and nothing is pushed
    ``push``          ``{"body": …}`` is pushed as it is
    ================  ========================================================================================
    """

    anatomy = ANATOMY

    def __init__(self, options: Options, clock: Callable[[], datetime] = utc_now) -> None:
        self._options = options
        self._clock = clock
        self._revision = 0
        self._changed_at = {number: self.now() for number in range(1, options.merchants + 1)}
        self.merchants = {
            number: merchant(options.seed, number, options.items, options.ttl, self._changed_at[number])
            for number in self._changed_at
        }
        self.pushed: list[int] = []
        """The status that each push was answered with; 0: by nobody."""

    def now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def describe(self) -> dict[str, Any]:
        told = {"mode": "generated", "seed": self._options.seed, "revision": self._revision}
        return {**told, "merchants": len(self.merchants), "pushed": self.pushed[-20:]}

    def answer(self, exchange: Exchange) -> Answer:
        """A merchant."""
        if exchange.method not in {"GET", "HEAD"}:
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
        number = exchange.path.removesuffix(ROUTE).strip("/") or "1"
        found = self.merchants.get(int(number)) if number.isdecimal() and exchange.path.endswith(f"/{ROUTE}") else None
        if found is None:
            return refusal(HTTPStatus.NOT_FOUND)
        if self._options.api_key and exchange.headers.get("x-api-key") != self._options.api_key:
            return refusal(HTTPStatus.FORBIDDEN)
        return document_answer(Document(msgspec.json.encode(found), self._changed_at[int(number)]))

    def actions(self) -> dict[str, Action]:
        return {
            "price": self._price,
            "sell_out": self._sell_out,
            "revive": self._revive,
            "rename": self._rename,
            "delete": self._delete,
            "close": self._close,
            "open": self._open,
            "publish": self._publish,
            "push": self._push_as_it_is,
        }

    async def _price(self, body: bytes) -> None:
        change, found = self._read(body)
        offer = item_offer(found, change)
        value = offer["price"]["value"] + 1 if change.value is None else change.value
        offer["price"] = {**offer["price"], "value": value, "originalValue": value}
        await self._tell(change, {"entityType": "ITEM_OFFER", "updatedObjects": [offer]})

    async def _sell_out(self, body: bytes) -> None:
        await self._set_status(body, "UNAVAILABLE")

    async def _revive(self, body: bytes) -> None:
        await self._set_status(body, "AVAILABLE")

    async def _set_status(self, body: bytes, status: str) -> None:
        change, found = self._read(body)
        offer = item_offer(found, change)
        offer["status"] = status
        await self._tell(change, {"entityType": "ITEM_OFFER", "updatedObjects": [offer]})

    async def _rename(self, body: bytes) -> None:
        change, found = self._read(body)
        name = item_offer(found, change)["itemId"]
        item = next(one for one in found["items"] if one["id"] == name)
        item["name"] = f"{item['name']} *"
        await self._tell(change, {"entityType": "ITEM", "updatedObjects": [item]})

    async def _delete(self, body: bytes) -> None:
        change, found = self._read(body)
        offer = item_offer(found, change)
        found["itemOffers"].remove(offer)
        for category in found["categories"]:
            category["itemOfferId"] = [name for name in category["itemOfferId"] if name != offer["id"]]
        await self._tell(change, None)

    async def _close(self, body: bytes) -> None:
        await self._set_merchant(body, "UNAVAILABLE")

    async def _open(self, body: bytes) -> None:
        await self._set_merchant(body, "AVAILABLE")

    async def _set_merchant(self, body: bytes, status: str) -> None:
        change, found = self._read(body)
        found["status"] = status
        await self._tell(change, {"merchantStatus": status})

    async def _publish(self, body: bytes) -> None:
        change, found = self._read(body)
        options = itertools.chain.from_iterable(group["options"] for group in found["optionGroups"])
        for sold in (*found["itemOffers"], *options):
            sold["price"]["value"] += 0.5
            sold["price"]["originalValue"] += 0.5
        self._touch(change.merchant)

    async def _push_as_it_is(self, body: bytes) -> None:
        await self._post(bytes(msgspec.json.decode(body or b"{}", type=Push).body))

    def _read(self, body: bytes) -> tuple[Change, dict[str, Any]]:
        change = msgspec.json.decode(body or b"{}", type=Change)
        if change.merchant not in self.merchants:
            raise SimulatorError(f"merchant must be 1 to {len(self.merchants)}, not {change.merchant}")
        return change, self.merchants[change.merchant]

    def _touch(self, number: int) -> None:
        """Note that a merchant is another one than before."""
        self._revision += 1
        self._changed_at[number] = max(self.now(), self._changed_at[number] + STEP)
        self.merchants[number]["lastUpdate"] = instant(self._changed_at[number])

    async def _tell(self, change: Change, update: dict[str, Any] | None) -> None:
        self._touch(change.merchant)
        if change.push:
            await self._post(b"" if update is None else msgspec.json.encode(update))

    async def _post(self, body: bytes) -> None:
        if self._options.webhook_url:
            authorization = {"Authorization": f"Bearer {self._options.webhook_secret}"}
            url = self._options.webhook_url.rstrip("/") + PUSHES_TO
            self.pushed.append(await deliver(url, body, authorization))


def item_offer(found: dict[str, Any], change: Change) -> dict[str, Any]:
    offers: list[dict[str, Any]] = found["itemOffers"]
    if not 0 <= change.offer < len(offers):
        raise SimulatorError(f"offer must be 0 to {len(offers) - 1}, not {change.offer}")
    return offers[change.offer]


def refusal(status: HTTPStatus, **headers: str) -> Answer:
    """``components.schemas.Error``."""
    return json_answer(status, {"title": status.phrase, "status": int(status)}, **headers)


def open_supply(options: Options) -> OpenDelivery:
    """The supply that ``options`` describe."""
    return OpenDelivery(options)
