"""Whole runs, from the simulated supplier into the store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.settings import SourceSettings
from sync.simulators.deliveries import deliver
from sync.simulators.open_delivery import OpenDelivery, Options
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from tests.sync.larder import Larder
from tests.sync.open_delivery.inbox import SECRET, taking
from tests.sync.open_delivery.merchants import hours

STOCK = "SELECT i.external_id, a.state FROM larder_availability a JOIN larder_item i ON i.id = a.item_id"
AMOUNT = "SELECT amount FROM larder_offer WHERE external_id = %s AND deleted_at IS NULL"
TABLES = ("schedule", "menu", "section", "item", "placement", "option_group", "group_option", "item_group", "offer")


@dataclass
class Plaza:
    """One merchant of a simulated supplier, its source, and what the store holds of it."""

    supply: OpenDelivery
    url: str
    larder: Larder

    @property
    def merchant(self) -> dict[str, Any]:
        return self.supply.merchants[1]

    def offer(self, at: int = 0) -> str:
        return f"itemOffer/{self.merchant['itemOffers'][at]['id']}"

    def amount(self, at: int = 0) -> Decimal:
        found: Decimal = self.larder.value(AMOUNT, self.offer(at))
        return found

    async def run(self, **settings: Any) -> RunReport:
        return await run_stream(SourceSettings("plaza", "open_delivery", self.url, **settings), "merchant")

    async def act(self, action: str, **body: Any) -> None:
        """Ask the simulator for something."""
        assert await deliver(f"{self.url}/_simulator/{action}", json.dumps(body).encode(), {}) == 200

    def expire(self) -> None:
        """Let the TTL be over."""
        (cursor,) = self.larder.rows("SELECT cursor FROM larder_sync_stream")[0]
        asked_at = (datetime.now(UTC) - timedelta(days=2)).isoformat()
        for entry in (cursor["merchant"], cursor.get("published")):
            if entry:
                entry["asked_at"] = asked_at
        self.larder.execute("UPDATE larder_sync_stream SET cursor = %s", json.dumps(cursor))

    def asked(self) -> int:
        """Documents that the last run asked for."""
        found: int = self.larder.value("SELECT documents FROM larder_sync_run ORDER BY id DESC LIMIT 1")
        return found

    def dump(self) -> dict[str, Any]:
        """Live rows, without when and by what they were written."""
        return {
            table: self.larder.rows(
                f"SELECT external_id, content_hash FROM larder_{table} WHERE deleted_at IS NULL ORDER BY 1"
            )
            for table in (*TABLES, "location", "availability")
        }


@asynccontextmanager
async def opened(store: str, **options: Any) -> AsyncIterator[Plaza]:
    async with taking("plaza", store) as inbox:
        supply = OpenDelivery(Options(items=12, webhook_url=inbox, webhook_secret=SECRET, **options))
        async with running(Simulator(supply)) as url:
            yield Plaza(supply, url, Larder(store))


@pytest.fixture
async def plaza(store: str) -> AsyncIterator[Plaza]:
    async with opened(store) as found:
        yield found


async def test_a_first_run_fills_the_store(plaza: Plaza) -> None:
    report = await plaza.run()

    assert (report.state, report.quarantined, report.error) == (State.PUBLISHED, 0, "")
    assert {table: len(rows) for table, rows in plaza.dump().items()} == {
        "schedule": 6,
        "menu": 3,
        "section": 6,
        "item": 15,
        "placement": 36,
        "option_group": 1,
        "group_option": 3,
        "item_group": 4,
        "offer": 15,
        "location": 1,
        "availability": 15,
    }
    assert plaza.larder.rows("SELECT channel FROM larder_menu ORDER BY 1") == [("DELIVERY",), ("DINE_IN",), ("PICKUP",)]
    assert plaza.larder.rows("SELECT DISTINCT timezone FROM larder_schedule") == [("UTC",)]
    first = plaza.merchant["itemOffers"][0]
    assert plaza.amount() == Decimal(str(first["price"]["value"]))


async def test_before_the_ttl_is_over_a_run_asks_nothing_and_confirms_nothing(plaza: Plaza) -> None:
    first = await plaza.run()
    heads = plaza.larder.every_head()

    second = await plaza.run()

    assert (second.state, plaza.asked(), second.staged, second.confirmed) == (State.PUBLISHED, 0, 0, 0)
    assert plaza.larder.confirmed_at("menu", plaza.merchant["id"]) == first.started_at
    assert plaza.larder.every_head() == heads


async def test_after_it_an_unchanged_document_is_confirmed_and_writes_nothing(plaza: Plaza) -> None:
    await plaza.run()
    plaza.expire()
    before = plaza.larder.dump()

    report = await plaza.run()

    assert (report.documents, report.unchanged_documents, report.staged) == (1, 1, 0)
    confirmed = {concern: plaza.larder.confirmed_at(concern, plaza.merchant["id"]) for concern in ("menu", "price")}
    assert confirmed == dict.fromkeys(confirmed, report.started_at)
    assert plaza.larder.dump() == before


async def test_a_price_that_is_pushed_is_published_without_asking_and_confirms_nothing(plaza: Plaza) -> None:
    first = await plaza.run()
    before = plaza.amount(3)
    await plaza.act("price", offer=3)

    report = await plaza.run()

    assert plaza.supply.pushed == [204]
    assert (report.state, plaza.asked(), report.updated, report.staged) == (State.PUBLISHED, 0, 1, 1)
    assert plaza.amount(3) == before + 1
    assert plaza.larder.confirmed_at("price", plaza.merchant["id"]) == first.started_at
    assert plaza.larder.value("SELECT count(*) FROM larder_sync_delivery WHERE done_at IS NULL") == 0
    assert plaza.larder.value("SELECT count(*) FROM larder_price_change WHERE run_id = %s", report.run_id) == 1


async def test_what_is_sold_out_and_back_is_pushed(plaza: Plaza) -> None:
    await plaza.run()
    states = []

    for action in ("sell_out", "revive"):
        await plaza.act(action, offer=1)
        await plaza.run()
        states.append(dict(plaza.larder.rows(STOCK))[plaza.offer(1)])

    assert states == ["SOLD_OUT", "AVAILABLE"]


async def test_a_deletion_comes_with_the_document_that_an_empty_push_asks_for(plaza: Plaza) -> None:
    await plaza.run()
    gone = plaza.offer(2)
    await plaza.act("delete", offer=2)

    report = await plaza.run()

    assert plaza.asked() == 1
    assert report.deleted == 1 + 1 + 1 + 3
    assert plaza.larder.rows("SELECT deleted_at IS NULL FROM larder_item WHERE external_id = %s", gone) == [(False,)]


async def test_a_merchant_closes_and_opens(plaza: Plaza) -> None:
    await plaza.run()
    accepting = []

    for action in ("close", "open"):
        await plaza.act(action)
        await plaza.run()
        accepting.append(plaza.larder.value("SELECT accepting FROM larder_location"))

    assert accepting == [False, True]


async def test_pushes_and_the_next_document_come_to_the_same(plaza: Plaza) -> None:
    await plaza.run()
    for action, offer in (("price", 0), ("sell_out", 1), ("rename", 2), ("rename", 3), ("price", 0)):
        await plaza.act(action, offer=offer)
        await plaza.run()
    await plaza.act("close")
    await plaza.run()
    after_pushes = plaza.dump()
    plaza.expire()

    report = await plaza.run()

    assert (plaza.asked(), report.changed) == (1, 0)
    assert plaza.dump() == after_pushes


async def test_many_pushes_at_once_are_one_run(plaza: Plaza) -> None:
    await plaza.run()
    before = plaza.amount()
    for _ in range(5):
        await plaza.act("price")

    await plaza.run()

    assert plaza.amount() == before + 5


async def test_a_push_twice_has_one_effect(plaza: Plaza) -> None:
    await plaza.run()
    offer = plaza.merchant["itemOffers"][0]
    update = {"entityType": "ITEM_OFFER", "updatedObjects": [{**offer, "status": "UNAVAILABLE"}]}
    for _ in range(3):
        await plaza.act("push", body=update)

    first, second = await plaza.run(), await plaza.run()

    assert (first.updated, first.staged, second.staged) == (1, 1, 0)


async def test_an_update_of_an_unknown_kind_is_told_and_the_document_asked_for(plaza: Plaza) -> None:
    await plaza.run()
    await plaza.act("push", body={"entityType": "COMBO", "updatedObjects": [{"id": "7"}]})

    report = await plaza.run()

    assert (report.state, plaza.asked()) == (State.PUBLISHED, 1)
    assert [(kind, key, value) for kind, key, _, value in plaza.larder.problems()] == [("combo", "7", "COMBO")]


async def test_pushes_are_published_while_the_document_cannot_be_had(plaza: Plaza) -> None:
    await plaza.run()
    await plaza.act("fault", mode="status:503", path="*/v1/merchant")
    await plaza.act("sell_out")
    await plaza.act("push")

    report = await plaza.run(limits={"attempts": 1})

    assert (report.state, report.failed_documents) == (State.PUBLISHED, 1)
    assert dict(plaza.larder.rows(STOCK))[plaza.offer()] == "SOLD_OUT"


async def test_while_the_supplier_fails_the_store_stays_and_says_since_when(plaza: Plaza) -> None:
    first = await plaza.run()
    plaza.expire()
    before = plaza.larder.dump()
    await plaza.act("fault", mode="status:503", path="*/v1/merchant")

    report = await plaza.run(limits={"attempts": 1})

    assert report.state is State.FAILED
    assert report.error.startswith("v1/merchant: the status must be 200, 304 or 404: 503")
    assert plaza.larder.dump() == before
    assert plaza.larder.confirmed_at("menu", plaza.merchant["id"]) == first.started_at


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (-1, "amount must not be negative"),
        (1e30, "amount must be below 100000000000"),
        (1.23456, "amount must have at most 4 decimals"),
        ("NaN", "value must be a number"),
    ],
)
async def test_a_price_that_nobody_believes_is_refused_and_the_rest_is_published(
    plaza: Plaza, value: Any, rule: str
) -> None:
    await plaza.run()
    before = plaza.amount()
    plaza.merchant["itemOffers"][0]["price"] = {"value": value, "originalValue": 30, "currency": "BRL"}
    plaza.merchant["itemOffers"][1]["price"]["value"] += 1
    plaza.expire()

    report = await plaza.run()

    assert (report.state, report.quarantined, report.updated) == (State.PUBLISHED, 1, 1)
    assert [(kind, key, said) for kind, key, said, _ in plaza.larder.problems()] == [("offer", plaza.offer(), rule)]
    assert plaza.amount() == before


async def test_a_document_with_a_refused_row_is_not_asked_for_before_its_ttl_is_over(plaza: Plaza) -> None:
    plaza.merchant["itemOffers"][0]["price"]["value"] = -1
    await plaza.run()

    again = await plaza.run()
    plaza.expire()
    whole = await plaza.run()

    assert (again.documents, whole.documents, whole.unchanged_documents) == (0, 1, 0)


async def test_a_heavy_loss_is_believed_when_it_is_said_twice(plaza: Plaza) -> None:
    await plaza.run()
    for _ in range(8):
        await plaza.act("delete", push=False)
    plaza.expire()

    first, second = await plaza.run(), await plaza.run()

    assert (first.state, second.state) == (State.HELD, State.PUBLISHED)
    assert (first.deleted, len(plaza.dump()["item"])) == (0, 4 + 3)


async def test_an_api_key_is_sent_where_one_is_wanted(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAZA_KEY", "open-sesame")
    async with opened(store, api_key="open-sesame") as plaza:
        without = await plaza.run()
        with_key = await plaza.run(credentials={"header": "X-API-KEY", "env": "PLAZA_KEY"})

    assert (without.state, with_key.state) == (State.FAILED, State.PUBLISHED)


async def test_every_merchant_of_a_supplier_is_a_source_of_its_own(store: str) -> None:
    async with opened(store, merchants=2) as plaza:
        settings = SourceSettings("second", "open_delivery", f"{plaza.url}/2")
        reports = [await plaza.run(), await run_stream(settings, "merchant")]

    assert [report.state for report in reports] == [State.PUBLISHED] * 2
    assert plaza.larder.value("SELECT count(DISTINCT external_id) FROM larder_location") == 2


async def test_utc_hours_are_open_an_hour_later_in_summer(plaza: Plaza) -> None:
    """What opens at 18:00 UTC opens at 18:00 in Lisbon in winter, and at 19:00 in summer."""
    plaza.merchant["services"] = plaza.merchant["services"][:1]
    plaza.merchant["services"][0]["serviceHours"]["weekHours"] = [hours("18:00", "22:00")]
    await plaza.run(options={"timezone": "Europe/Lisbon"})

    opened_at = {
        local: plaza.larder.value(
            """SELECT larder_schedule_open(s.weekly, s.exceptions, s.timezone, s.first_day, s.last_day,
                %s::timestamp AT TIME ZONE l.timezone)
            FROM larder_location l JOIN larder_schedule s ON s.id = l.schedule_id""",
            local,
        )
        for local in ("2025-01-06 18:30", "2025-07-07 18:30", "2025-07-07 19:30")
    }

    assert opened_at == {"2025-01-06 18:30": True, "2025-07-07 18:30": False, "2025-07-07 19:30": True}


async def test_what_is_never_served_is_never_open(plaza: Plaza) -> None:
    for service in plaza.merchant["services"]:
        service["status"] = "UNAVAILABLE"
    await plaza.run()

    said = plaza.larder.rows(
        """SELECT DISTINCT s.external_id, larder_schedule_open(s.weekly, s.exceptions, s.timezone, s.first_day,
            s.last_day, '2025-10-08 18:00Z') FROM larder_menu m JOIN larder_schedule s ON s.id = m.schedule_id"""
    )

    assert said == [("never", False)]
