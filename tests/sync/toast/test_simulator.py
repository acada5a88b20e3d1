"""The simulated Toast: what it publishes, its limits, and the messages that it sends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from sync.simulators.errors import SimulatorError
from sync.simulators.kinds import open_supply
from sync.simulators.server import running
from sync.simulators.toast import Options, Toast
from sync.simulators.toast_limits import Limit, RateLimits
from sync.sources.toast.webhook import ToastWebhook
from sync.webhooks.notices import Delivered, Notice
from tests.sync.toast.open import Open, opened

HEADER = "Toast-Restaurant-External-ID"
SECRET = b"s3"
STRATEGIES = {"BASE_PRICE", "MENU_SPECIFIC_PRICE", "TIME_SPECIFIC_PRICE", "SIZE_PRICE", "OPEN_PRICE"}


async def got(toast: Open, path: str, guid: str | None = None, method: str = "GET") -> Any:
    async with httpx2.AsyncClient(base_url=toast.url) as client:
        headers = {} if guid == "" else {HEADER: guid or toast.guids[0]}
        return await client.request(method, path, headers=headers)


async def test_the_same_seed_publishes_the_same() -> None:
    one, same, other = (Toast(Options(seed=seed)) for seed in (1, 1, 2))

    assert [found.menus.published() for found in one.restaurants.values()] == [
        found.menus.published() for found in same.restaurants.values()
    ]
    assert set(one.restaurants) != set(other.restaurants)


def test_a_catalogue_is_as_large_as_asked_for_and_prices_in_every_way() -> None:
    supply = open_supply("toast", {"items": "100", "restaurants": "3"})
    assert isinstance(supply, Toast)

    for found in supply.restaurants.values():
        items = found.menus.items()
        assert len({item["guid"] for item in items}) == 100
        assert len({item["name"] for item in items}) == 100
        assert {item["pricingStrategy"] for item in items} == STRATEGIES
    assert len(supply.restaurants) == 3


async def test_answers_are_of_the_restaurant_in_the_header(toast: Open) -> None:
    one, other = toast.guids

    metadata, menus = await got(toast, "/menus/v2/metadata", other), await got(toast, "/menus/v2/menus", other)

    assert metadata.json()["restaurantGuid"] == menus.json()["restaurantGuid"] == other
    assert metadata.json()["lastUpdated"] == menus.json()["lastUpdated"]
    assert (await got(toast, "/stock/v1/inventory", one)).json() == []


@pytest.mark.parametrize(
    ("path", "guid", "method", "status"),
    [
        ("/menus/v2/menus", "", "GET", 400),
        ("/menus/v2/menus", "nowhere", "GET", 404),
        ("/menus/v3/menus", None, "GET", 404),
        ("/menus/v2/menus", None, "PUT", 405),
    ],
)
async def test_requests_that_make_no_sense(toast: Open, path: str, guid: str | None, method: str, status: int) -> None:
    assert (await got(toast, path, guid, method)).status_code == status


async def test_menus_lag_for_as_many_answers_as_told(toast: Open) -> None:
    async def versions() -> tuple[str, str]:
        metadata, menus = await got(toast, "/menus/v2/metadata"), await got(toast, "/menus/v2/menus")
        return metadata.json()["lastUpdated"], menus.json()["lastUpdated"]

    await toast.do("lag", answers=2)
    await toast.do("publish")

    first, second, third = [await versions() for _ in range(3)]

    assert first == second
    assert first[0] > first[1]
    assert third == (first[0], first[0])


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("sell_out", {"item": "nothing"}),
        ("sell_out", {"restaurant": "nowhere"}),
        ("delete", {"item": "nothing"}),
    ],
)
async def test_an_action_on_what_is_not_there_is_refused(toast: Open, action: str, body: dict[str, str]) -> None:
    with pytest.raises(SimulatorError, match="no "):
        await toast.do(action, **body)


async def test_actions_are_reached_over_http(toast: Open) -> None:
    async with httpx2.AsyncClient(base_url=toast.url) as client:
        done = await client.post("/_simulator/sell_out", content=b"{}")
        unknown = await client.post("/_simulator/sell_out", content=b'{"colour":"red"}')

    [row] = (await got(toast, "/stock/v1/inventory")).json()
    assert (done.status_code, unknown.status_code, row["status"]) == (200, 400, "OUT_OF_STOCK")
    assert done.json()["revision"] == 1


def test_limits_count_in_windows() -> None:
    now = [0.0]
    limits = RateLimits([Limit("/menus", 1, 1, each=True), Limit("", 3, 1)], clock=lambda: now[0])

    asked = [("/menus", "a"), ("/menus", "b"), ("/menus", "a"), ("/stock", "a")]
    refused = [limits.refusal(path, restaurant) for path, restaurant in asked]
    now[0] = 1.0
    after = limits.refusal("/menus", "a")

    assert [answer and (answer.status, answer.headers["Retry-After"]) for answer in refused] == [
        None,
        None,
        (429, "1"),
        None,
    ]
    assert after is None


async def test_menus_are_given_out_once_a_second_and_restaurant() -> None:
    async with opened(menus_per_second=1) as toast:
        answers = [await got(toast, "/menus/v2/menus", guid) for guid in (*toast.guids, *toast.guids)]

    assert Counter(answer.status_code for answer in answers)[200] >= 2
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)


@dataclass
class Listener:
    """Takes messages and answers 200."""

    deliveries: list[Delivered] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.deliveries.append(Delivered("http://x.example", "", headers, body, datetime.now(UTC)))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, Open]]:
    listener = Listener()
    async with running(listener) as url:
        signing = {"webhook_url": f"{url}/webhooks/toast", "webhook_secret": SECRET.decode()}
        async with opened(**signing) as toast:
            yield listener, toast


@pytest.mark.parametrize(
    ("action", "stream", "event_type"),
    [
        ("publish", "menu", "menus_updated"),
        ("price", "menu", "menus_updated"),
        ("sell_out", "stock", "out_of_stock"),
        ("quantity", "stock", "low_quantity"),
        ("revive", "stock", "in_stock"),
    ],
)
async def test_changes_are_told_in_signed_messages(action: str, stream: str, event_type: str) -> None:
    async with listening() as (listener, toast):
        await toast.do(action)

    for delivered in listener.deliveries:
        message = msgspec.json.decode(delivered.body)
        assert ToastWebhook().notices(delivered, SECRET) == [Notice(message["guid"], stream)]
        assert message["eventType"] == event_type
        assert message["details"]["restaurantGuid"] in toast.guids
    assert len(listener.deliveries) == (2 if action == "publish" else 1)


async def test_without_an_address_nothing_is_told(toast: Open) -> None:
    await toast.do("publish")

    assert (await got(toast, "/menus/v2/metadata")).status_code == 200
