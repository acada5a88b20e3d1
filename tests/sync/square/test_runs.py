"""Whole runs into a real store."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.simulators.faults import Fault
from tests.sync.larder import Larder
from tests.sync.square.changing import change
from tests.sync.square.selling import Shop, selling

STREAMS = {
    "catalog": (
        *("schedule", "location", "menu", "section", "item", "placement"),
        *("option_group", "group_option", "item_group", "offer"),
    ),
    "inventory": ("availability",),
}
LIVE = "SELECT external_id FROM larder_{} WHERE deleted_at IS NULL ORDER BY 1"
PRICES = "SELECT external_id, amount, tax_mode FROM larder_offer WHERE deleted_at IS NULL"
STATES = "SELECT external_id, state, until, quantity FROM larder_availability WHERE deleted_at IS NULL"


async def imported(shop: Shop, **options: Any) -> dict[str, RunReport]:
    """A run of each stream, published without a problem."""
    reports = {stream: await run_stream(shop.settings(**options), stream) for stream in STREAMS}
    for report in reports.values():
        assert (report.state, report.error, report.problems) == (State.PUBLISHED, "", ())
    return reports


async def assert_fresh(larder: Larder, shop: Shop) -> None:
    """The store holds what a first import would fill an empty one with."""
    for stream, kinds in STREAMS.items():
        fresh = await shop.fresh(stream)
        for kind in kinds:
            assert [key for (key,) in larder.rows(LIVE.format(kind))] == sorted(fresh.of(kind)), kind
    offers, stock = (await shop.fresh("catalog")).of("offer"), (await shop.fresh("inventory")).of("availability")
    assert {key: said for key, *said in larder.rows(PRICES)} == {
        key: [one.amount, one.tax_mode] for key, one in offers.items()
    }
    assert {key: said for key, *said in larder.rows(STATES)} == {
        key: [one.state, one.until, one.quantity] for key, one in stock.items()
    }


async def test_a_first_import_fills_the_store_and_a_second_run_writes_nothing(larder: Larder) -> None:
    async with selling() as shop:
        await imported(shop)
        before, heads = larder.dump(), larder.heads()

        await assert_fresh(larder, shop)
        again = await imported(shop)

        assert [report.changed for report in again.values()] == [0, 0]
        assert (larder.dump(), larder.heads()) == (before, heads)
        assert larder.confirmed_at("price", "LOC001") == again["catalog"].started_at
        assert larder.confirmed_at("availability", "LOC000") == again["inventory"].started_at


async def test_deltas_into_the_store_come_to_a_fresh_import(larder: Larder) -> None:
    async with selling(page_size=5) as shop:
        await imported(shop)
        for number in (0, 5, 9, 14, 20):
            change(shop, number, number * 7, number * 5 + 1)
            await imported(shop)

        await assert_fresh(larder, shop)


async def test_a_price_that_leaps_is_kept_back_and_asked_for_again(larder: Larder) -> None:
    async with selling() as shop:
        shop.edit("ITEM00001V0", lambda data: data.update(price_money={"amount": 300, "currency": "USD"}))
        await imported(shop)
        shop.edit("ITEM00001V0", lambda data: data.update(price_money={"amount": 3000, "currency": "USD"}))

        held = await run_stream(shop.settings(), "catalog")
        shop.edit("ITEM00001V0", lambda data: data.update(price_money={"amount": 310, "currency": "USD"}))
        await imported(shop)

        assert held.quarantined
        prices = larder.rows("SELECT amount FROM larder_offer WHERE external_id = 'LOC000/ITEM00001V0'")
        assert prices == [(Decimal("3.1"),)]


async def test_what_cannot_be_read_does_not_get_younger(larder: Larder) -> None:
    held = "SELECT external_id, held_confirmed_at IS NOT NULL FROM larder_{} WHERE scope = 'LOC000/ITEM00001'"
    async with selling() as shop:
        first = await imported(shop)
        shop.edit("ITEM00001", lambda data: data.update(name=None))

        report = await run_stream(shop.settings(), "catalog")
        cursor = larder.value("SELECT cursor FROM larder_sync_stream WHERE name = 'catalog'")
        again = await run_stream(shop.settings(), "catalog")
        rows = [row for kind in ("item", "offer", "placement", "item_group") for row in larder.rows(held.format(kind))]

        assert (report.state, report.changed, report.quarantined) == (State.PUBLISHED, 0, 2)
        assert len(rows) >= 4
        assert all(mark for _, mark in rows)
        assert cursor["LOC000/at"]["full_at"] < again.started_at.isoformat()
        assert cursor["LOC000/known"]["unsure"] == ["ITEM00001"]
        assert first["catalog"].started_at < larder.confirmed_at("price", "LOC000")
        shop.edit("ITEM00001", lambda data: data.update(name="Tea"))
        await imported(shop)
        assert not any(mark for _, mark in larder.rows(held.format("offer")))


async def test_a_seller_who_loses_much_at_once_must_say_so_twice(larder: Larder) -> None:
    async with selling() as shop:
        await imported(shop)
        items = larder.rows(LIVE.format("item"))
        for number in range(5):
            shop.seller.ledger.delete(f"ITEM{number:05}")

        held = await run_stream(shop.settings(), "catalog")

        assert held.state is State.HELD
        assert larder.rows(LIVE.format("item")) == items


@pytest.mark.parametrize("mode", ["rows-emptied", "pages-loop", "tenant-other"])
async def test_a_faulty_full_run_changes_nothing_and_the_next_one_recovers(larder: Larder, mode: str) -> None:
    async with selling(page_size=5) as shop:
        await imported(shop)
        before = larder.dump()
        path = "/v2/locations" if mode == "tenant-other" else "/v2/catalog/search"
        shop.simulator.faults.add(Fault(mode=mode, path=path))

        failed = await run_stream(shop.settings(reconcile_hours=0), "catalog")
        shop.simulator.faults.clear()

        assert failed.state is State.FAILED, failed
        assert failed.error
        assert larder.dump() == before
        await imported(shop)
        await assert_fresh(larder, shop)
