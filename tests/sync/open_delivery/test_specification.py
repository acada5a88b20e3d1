"""The specification's own example, whole, and the simulator held against the specification's schemas."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import pytest

from sync.records import DatedHours, OfferRecord, WeeklyHours
from sync.runner import run_stream
from sync.runs import State
from sync.settings import SourceSettings
from sync.simulators.http import Document, Exchange, Receive, Scope, Send, document_answer
from sync.simulators.open_delivery import OpenDelivery, Options
from sync.simulators.server import running
from sync.sources.open_delivery.pushes import ENTITIES, SPECIAL
from tests.sync.larder import Larder
from tests.sync.open_delivery.merchants import read, refused
from tests.sync.open_delivery.specification import example, specification, violations

PIZZA, SLICE = "f080cfb3-5c4a-4eb7-907d-2de3bbb5dfb9", "377b99ba-5413-43d1-b875-7cdcaa72860e"
SALTED = "fe67e551-f42f-499a-8afb-0ed893c71fa3"
DELIVERY, EVENINGS = "f078e8e2-3044-4eec-b4a8-8359810de123", "11d063c4-73a7-4f87-a0eb-71636cc02029"
WEEK = (
    *(WeeklyHours(day=day, start=time(10), end=time(18)) for day in range(1, 6)),
    *(WeeklyHours(day=day, start=time(14), end=time(18)) for day in (6, 7)),
)


def test_the_example_keeps_to_its_own_schema() -> None:
    assert violations(example(), "Merchant") == []


def test_nothing_of_the_example_is_refused() -> None:
    found = read(example())

    assert refused(found) == {}
    assert Counter(kind for kind, _ in found) == {
        "schedule": 4,
        "location": 1,
        "menu": 1,
        "section": 2,
        "placement": 2,
        "option_group": 2,
        "item": 2 + 3,
        "group_option": 3,
        "availability": 2 + 3,
        "offer": 2 + 3,
        "item_group": 2,
    }


def test_the_example_says_what_it_means() -> None:
    found = read(example())

    location = found["location", example()["id"]]
    assert location.address == "Plaza Avenue 100, 2001, Moema, São Paulo SP, 20111-000, BR"
    assert (location.latitude, location.longitude) == (Decimal("-23.54804"), Decimal("-46.6363"))
    evenings = found["schedule", f"availability/{EVENINGS}"]
    assert (evenings.first_day, evenings.last_day) == (date(2021, 5, 1), date(2021, 5, 30))
    assert evenings.weekly == WEEK
    service = found["schedule", f"service/{DELIVERY}"]
    assert (service.weekly, service.exceptions) == (
        WEEK,
        (DatedHours(on=date(2021, 5, 27), hours=((time(12), time(17)),)),),
    )
    assert found["menu", DELIVERY].channel == "DELIVERY"
    assert found["offer", f"itemOffer/{PIZZA}"] == OfferRecord(
        item=f"itemOffer/{PIZZA}", currency="BRL", amount=Decimal(43), schedule=f"availability/{EVENINGS}"
    )
    group = found["option_group", SALTED]
    assert (group.least, group.most, group.price_method) == (2, 2, "SUM")
    assert found["item", f"itemOffer/{SLICE}"].allergens == ("GLUTEN", "MILK")


async def test_the_example_is_published_whole(larder: Larder) -> None:
    body = json.dumps(example()).encode()

    async def supplier(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, datetime.now(UTC))
        await exchange.answer(document_answer(Document(body, datetime.now(UTC))))

    async with running(supplier) as url:
        report = await run_stream(SourceSettings("plaza", "open_delivery", url), "merchant")

    assert (report.state, report.quarantined, report.inserted) == (State.PUBLISHED, 0, 32)
    assert larder.rows(
        "SELECT amount FROM larder_offer WHERE group_id IS NOT NULL AND deleted_at IS NULL ORDER BY amount"
    ) == [(Decimal(30),), (Decimal(43),), (Decimal(50),)]


@pytest.mark.parametrize("items", [1, 40, 130])
def test_the_simulator_keeps_to_the_specification(items: int) -> None:
    supply = OpenDelivery(Options(items=items, merchants=2))

    for merchant in supply.merchants.values():
        assert violations(msgspec.json.decode(msgspec.json.encode(merchant)), "Merchant") == []


def test_what_is_checked_can_fail() -> None:
    broken = example()
    broken = {**broken, "TTL": "500", "menus": [{**broken["menus"][0], "id": "menu"}], "status": "ASLEEP"}
    del broken["items"]

    assert violations(broken, "Merchant") == [
        "Merchant.items is required",
        "Merchant.TTL must be of type integer, not '500'",
        "Merchant.status must be one of ['AVAILABLE', 'UNAVAILABLE'], not 'ASLEEP'",
        "Merchant.menus[0].id must be a UUID, not 'menu'",
    ]


def test_every_entity_type_of_the_specification_is_read() -> None:
    mapping = specification()["components"]["schemas"]["MerchantUpdate"]["discriminator"]["mapping"]

    assert set(mapping) == {*ENTITIES, *SPECIAL}


@pytest.mark.parametrize("action", ["price", "sell_out", "revive", "rename"])
async def test_the_updates_of_the_simulator_keep_to_the_specification(action: str) -> None:
    pushed: list[bytes] = []

    async def inbox(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, datetime.now(UTC))
        pushed.append(exchange.body)
        await exchange.answer(document_answer(Document(b"", datetime.now(UTC) - timedelta(1))))

    async with running(inbox) as url:
        await OpenDelivery(Options(webhook_url=url)).actions()[action](b"{}")

    (update,) = (msgspec.json.decode(body) for body in pushed)
    mapping = specification()["components"]["schemas"]["MerchantUpdate"]["discriminator"]["mapping"]
    assert violations(update, mapping[update["entityType"]].rpartition("/")[2]) == []
    assert update["updatedObjects"]
