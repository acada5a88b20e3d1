"""A supplier that speaks Toast's Menus API V2 and Stock API V1, and sends their webhooks.

- ``GET /menus/v2/metadata``, ``/menus/v2/menus``, ``/stock/v1/inventory``, with ``Toast-Restaurant-External-ID``: 400
  without that header, 404 for a restaurant that it does not have.
- With ``client_secret``: ``POST /authentication/v1/authentication/login``, and 401 for whoever shows no token of it.
- Actions: ``publish`` (every price of the restaurants whose guid matches ``{"restaurants": glob}`` rises by a cent),
  ``price`` (``{"price"}``), ``delete``, ``sell_out``, ``quantity`` (``{"quantity"}``), ``revive``, each of
  ``{"restaurant", "item"}`` (default: the first restaurant, its first item that can be seen), ``lag``
  (``{"answers": n}``): after the next publish the old menus are served n times more, while the metadata is new, and
  ``revoke``: no token is good any more.

Stock changes at once, menus with a publish, which ``price`` and ``delete`` imply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

import msgspec

from sync.simulators.anatomy import Anatomy
from sync.simulators.errors import SimulatorError
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.supply import Action, utc_now
from sync.simulators.toast_limits import Limit, RateLimits
from sync.simulators.toast_logins import Logins
from sync.simulators.toast_menus import Menus
from sync.simulators.toast_messages import LOW, Messages
from sync.simulators.toast_restaurants import ENCODER, Restaurant

HEADER = "toast-restaurant-external-id"
CENT = Decimal("0.01")
MENUS = "/menus/v2/menus"


DOCUMENTS: Mapping[str, Callable[[Restaurant], bytes]] = {
    "/menus/v2/metadata": lambda found: ENCODER.encode(found.metadata()),
    MENUS: lambda found: found.answer(),
    "/stock/v1/inventory": lambda found: ENCODER.encode(list(found.stock.values())),
}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set. Without ``webhook_url`` no webhooks, without ``client_secret`` no log-in. Limits are Toast's."""

    seed: int = 1
    restaurants: int = 2
    items: int = 40
    webhook_url: str = ""
    webhook_secret: str = ""
    menus_per_second: int = 1
    per_second: int = 20
    per_quarter: int = 10_000
    client_id: str = "larder"
    client_secret: str = ""
    token_seconds: int = 86_400


class Chosen(msgspec.Struct, forbid_unknown_fields=True):
    """Body of an action on one item."""

    restaurant: str | None = None
    item: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None


class Publish(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``publish``."""

    restaurants: str = "*"


class Lag(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``lag``."""

    answers: int = 1


class Toast:
    """The restaurants of one owner."""

    anatomy = Anatomy(
        rows=(f"{MENUS} menus.[].**.menuItems", f"{MENUS} menus"),
        prices=(f"{MENUS} menus.[].**.menuItems.[].price", f"{MENUS} modifierOptionReferences.*.price"),
        ids=(f"{MENUS} menus.[].**.menuItems.[].guid", f"{MENUS} modifierOptionReferences.*.guid"),
        names=(f"{MENUS} menus.[].**.menuItems.[].name", f"{MENUS} modifierGroupReferences.*.name"),
        tenants=("/menus/v2/* restaurantGuid",),
        clocks=("/menus/v2/* lastUpdated",),
    )

    def __init__(self, options: Options, clock: Callable[[], datetime] = utc_now) -> None:
        self._options = options
        self._clock = clock
        self._messages = Messages(options.webhook_url, options.webhook_secret)
        self._lag = 0
        self._revision = 0
        self._limits = RateLimits(
            (
                Limit(MENUS, options.menus_per_second, 1, each=True),
                Limit("", options.per_second, 1),
                Limit("", options.per_quarter, 900),
            )
        )
        self._logins = Logins(options.client_id, options.client_secret, options.token_seconds)
        self.restaurants: dict[str, Restaurant] = {}
        for number in range(options.restaurants):
            menus = Menus(options.seed, number, options.items)
            found = self.restaurants[menus.guid] = Restaurant(menus, self.now() - timedelta(hours=1))
            found.publish(found.updated_at, 0)

    def now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def describe(self) -> dict[str, Any]:
        names = {guid: found.menus.name for guid, found in self.restaurants.items()}
        return {"mode": "generated", "seed": self._options.seed, "revision": self._revision, "restaurants": names}

    def answer(self, exchange: Exchange) -> Answer:
        guid = exchange.headers.get(HEADER, "")
        if refusal := self._limits.refusal(exchange.path, guid):
            return refusal
        if (answer := self._logins.answer(exchange)) is not None:
            return answer
        if exchange.method != "GET":
            return json_answer(HTTPStatus.METHOD_NOT_ALLOWED, {"message": "GET only"}, Allow="GET")
        if not guid:
            return json_answer(HTTPStatus.BAD_REQUEST, {"message": f"{HEADER} is required"})
        found = self.restaurants.get(guid)
        body = DOCUMENTS[exchange.path](found) if found and exchange.path in DOCUMENTS else None
        if body is None:
            return json_answer(HTTPStatus.NOT_FOUND, {"message": f"no {exchange.path} of {guid}"})
        return Answer(HTTPStatus.OK, body, {"Content-Type": "application/json"})

    def actions(self) -> Mapping[str, Action]:
        return {
            "publish": self.publish,
            "price": self.price,
            "delete": self.delete,
            "sell_out": self.sell_out,
            "quantity": self.quantity,
            "revive": self.revive,
            "lag": self.lag,
            "revoke": self._logins.revoke,
        }

    async def publish(self, body: bytes) -> None:
        """Every price rises by a cent."""
        glob = msgspec.json.decode(body or b"{}", type=Publish).restaurants
        for guid, found in self.restaurants.items():
            if fnmatchcase(guid, glob):
                priced = {id(entry): entry for entry in [*found.menus.items(), *found.menus.options.values()]}
                for entry in priced.values():
                    if entry["price"] is not None:
                        entry["price"] += CENT
                await self._published(found)

    async def price(self, body: bytes) -> None:
        """An item costs something else, wherever it has a price."""
        chosen, found, guid = self._chosen(body)
        for item in found.menus.items():
            if item["guid"] == guid and item["price"] is not None:
                item["price"] = item["price"] + CENT if chosen.price is None else chosen.price
        await self._published(found)

    async def delete(self, body: bytes) -> None:
        """An item is gone from all menus."""
        _, found, guid = self._chosen(body)
        for listed in found.menus.lists():
            listed[:] = [item for item in listed if item["guid"] != guid]
        await self._published(found)

    async def sell_out(self, body: bytes) -> None:
        _, found, guid = self._chosen(body)
        found.stock[guid] = {"guid": guid, "status": "OUT_OF_STOCK", "quantity": None, "multiLocationId": guid}
        await self._stocked(found, guid)

    async def quantity(self, body: bytes) -> None:
        chosen, found, guid = self._chosen(body)
        left = Decimal(LOW - 1) if chosen.quantity is None else chosen.quantity
        found.stock[guid] = {"guid": guid, "status": "QUANTITY", "quantity": left, "multiLocationId": guid}
        await self._stocked(found, guid)

    async def revive(self, body: bytes) -> None:
        _, found, guid = self._chosen(body)
        found.stock.pop(guid, None)
        await self._stocked(found, guid)

    async def lag(self, body: bytes) -> None:
        self._lag = msgspec.json.decode(body or b"{}", type=Lag).answers

    def _chosen(self, body: bytes) -> tuple[Chosen, Restaurant, str]:
        chosen = msgspec.json.decode(body or b"{}", type=Chosen)
        found = self.restaurants.get(chosen.restaurant or next(iter(self.restaurants), ""))
        if found is None:
            raise SimulatorError(f"no restaurant {chosen.restaurant}")
        things = [*found.menus.items(), *found.menus.options.values()]
        guids = [thing["guid"] for thing in things if thing["visibility"]]
        guid = chosen.item or next(iter(guids), "")
        if guid not in guids:
            raise SimulatorError(f"no item {guid!r} in restaurant {found.menus.guid}")
        return chosen, found, guid

    async def _published(self, found: Restaurant) -> None:
        self._revision += 1
        found.publish(self.now(), self._lag)
        self._lag = 0
        await self._messages.menus_updated(self.now(), found)

    async def _stocked(self, found: Restaurant, guid: str) -> None:
        self._revision += 1
        await self._messages.stock(self.now(), found, guid)


def open_supply(options: Options) -> Toast:
    """The simulated supplier."""
    return Toast(options)
