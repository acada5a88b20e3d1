"""Whole runs: from a simulated Toast over HTTP into the store."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.toast.open import Open, opened

KINDS = (
    "location",
    "schedule",
    "menu",
    "section",
    "item",
    "placement",
    "option_group",
    "group_option",
    "item_group",
    "offer",
    "availability",
)


def live(larder: Larder) -> dict[str, Any]:
    """Every live row of the catalog by its key, less what differs between two imports of the same."""
    return {
        kind: larder.rows(
            f"""SELECT external_id, content_hash::text FROM larder_{kind} WHERE deleted_at IS NULL ORDER BY 1"""
        )
        for kind in KINDS
    }


def states(larder: Larder) -> dict[str, tuple[str, Decimal | None]]:
    rows = larder.rows("SELECT external_id, state, quantity FROM larder_availability WHERE deleted_at IS NULL")
    return {key: (state, quantity) for key, state, quantity in rows}


def amount(larder: Larder, guid: str, item: str) -> Any:
    return larder.value(f"SELECT amount FROM larder_offer WHERE external_id = '{guid}/{item}/price'")


def base_item(toast: Open) -> tuple[str, str, Decimal]:
    """Restaurant, guid and price of an item with a plain price."""
    guid = toast.guids[0]
    items = toast.toast.restaurants[guid].menus.items()
    found = next(item for item in items if item["pricingStrategy"] == "BASE_PRICE" and item["unitOfMeasure"] == "NONE")
    return guid, found["guid"], found["price"]


async def test_a_first_import_publishes_everything(larder: Larder, toast: Open) -> None:
    menu = await run_stream(toast.settings(), "menu")
    stock = await run_stream(toast.settings(), "stock")

    assert (menu.state, menu.problems, menu.confirmed, menu.documents) == (State.PUBLISHED, (), 2, 4)
    assert (stock.state, stock.problems, stock.confirmed) == (State.PUBLISHED, (), 2)
    assert all(live(larder).values())
    assert {state for state, _ in states(larder).values()} == {"AVAILABLE"}
    for guid in toast.guids:
        assert larder.confirmed_at("menu", guid) == larder.confirmed_at("price", guid) == menu.started_at
        assert larder.confirmed_at("availability", guid) == stock.started_at


async def test_every_item_and_option_has_an_availability(larder: Larder, toast: Open) -> None:
    await run_stream(toast.settings(), "menu")
    await run_stream(toast.settings(), "stock")

    assert set(states(larder)) == {key for key, _ in live(larder)["item"]}


async def test_unchanged_menus_are_confirmed_without_being_asked_for(larder: Larder, toast: Open) -> None:
    await run_stream(toast.settings(), "menu")
    before, heads = larder.dump(), larder.heads()

    report = await run_stream(toast.settings(), "menu")

    assert (report.state, report.changed, report.documents, report.unchanged_documents) == (State.PUBLISHED, 0, 2, 2)
    assert (larder.dump(), larder.heads()) == (before, heads)
    assert larder.confirmed_at("menu", toast.guids[0]) == report.started_at
    assert toast.simulator.answered["200"] == 6


async def test_a_changed_price_is_published_and_kept_in_the_history(larder: Larder, toast: Open) -> None:
    guid, item, price = base_item(toast)
    await run_stream(toast.settings(), "menu")
    await toast.do("price", restaurant=guid, item=item, price=str(price + 1))

    report = await run_stream(toast.settings(), "menu")

    assert (report.state, report.updated, report.inserted, report.deleted) == (State.PUBLISHED, 1, 0, 0)
    assert amount(larder, guid, item) == price + 1
    history = f"""SELECT h.amount FROM larder_price_change h JOIN larder_offer o ON o.id = h.offer_id
        WHERE o.external_id = '{guid}/{item}/price' ORDER BY h.id"""
    assert larder.rows(history) == [(price,), (price + 1,)]


async def test_a_deleted_item_goes_with_all_that_is_its(larder: Larder, toast: Open) -> None:
    guid, item, _ = base_item(toast)
    await run_stream(toast.settings(), "menu")
    await run_stream(toast.settings(), "stock")
    await toast.do("delete", restaurant=guid, item=item)

    report = await run_stream(toast.settings(), "menu")
    await run_stream(toast.settings(), "stock")

    assert report.state is State.PUBLISHED
    assert report.deleted > 4
    left = live(larder)
    assert not [key for kind in KINDS for key, _ in left[kind] if item in key]


async def test_stock_sells_out_gets_scarce_and_comes_back(larder: Larder, toast: Open) -> None:
    guid, item, _ = base_item(toast)
    key = f"{guid}/{item}"
    await run_stream(toast.settings(), "menu")

    seen = []
    for action in ("sell_out", "quantity", "revive"):
        await toast.do(action, restaurant=guid, item=item)
        await run_stream(toast.settings(), "stock")
        seen.append(states(larder)[key])

    assert seen == [("SOLD_OUT", None), ("AVAILABLE", Decimal(4)), ("AVAILABLE", None)]


async def test_an_option_sells_out_too(larder: Larder, toast: Open) -> None:
    guid = toast.guids[0]
    option = next(iter(toast.toast.restaurants[guid].menus.options.values()))["guid"]
    await run_stream(toast.settings(), "menu")
    await toast.do("sell_out", restaurant=guid, item=option)

    report = await run_stream(toast.settings(), "stock")

    assert report.problems == ()
    assert states(larder)[f"{guid}/{option}"] == ("SOLD_OUT", None)


async def test_lagging_menus_are_published_once_they_have_caught_up(larder: Larder, toast: Open) -> None:
    guid, item, price = base_item(toast)
    first = await run_stream(toast.settings(), "menu")
    await toast.do("lag", answers=1)
    await toast.do("price", restaurant=guid, item=item, price=str(price + 1))

    lagging = await run_stream(toast.settings(), "menu")
    amount_then, confirmed_then = amount(larder, guid, item), larder.confirmed_at("menu", guid)
    caught_up = await run_stream(toast.settings(), "menu")

    assert (lagging.state, lagging.changed, lagging.confirmed) == (State.PUBLISHED, 0, 1)
    assert [found.rule for found in lagging.problems] == ["menus must be as new as their metadata"]
    assert (amount_then, confirmed_then) == (price, first.started_at)
    assert (caught_up.updated, caught_up.confirmed, amount(larder, guid, item)) == (1, 2, price + 1)


@pytest.mark.slow
async def test_any_changes_end_where_a_fresh_import_ends(larder: Larder, toast: Open) -> None:
    guid, item, _ = base_item(toast)
    rounds: list[list[tuple[str, dict[str, Any]]]] = [
        [],
        [("publish", {}), ("sell_out", {"restaurant": guid})],
        [("price", {"restaurant": guid, "item": item, "price": "7.77"}), ("quantity", {"restaurant": toast.guids[1]})],
        [("delete", {"restaurant": guid, "item": item}), ("publish", {"restaurants": toast.guids[1]})],
    ]
    for changes in rounds:
        for action, body in changes:
            await toast.do(action, **body)
        await run_stream(toast.settings(), "menu")
        await run_stream(toast.settings(), "stock")

    by_changes = live(larder)
    larder.execute("UPDATE larder_sync_stream SET cursor = '{}'")
    larder.execute("TRUNCATE larder_location, larder_schedule, larder_item, larder_option_group CASCADE")
    for stream in ("menu", "stock"):
        report = await run_stream(toast.settings(), stream)
        assert (report.state, report.problems) == (State.PUBLISHED, ())

    assert live(larder) == by_changes


@pytest.mark.parametrize("mode", ["status:503", "truncate", "tenant-other"])
async def test_while_the_supplier_fails_everything_stays(larder: Larder, toast: Open, mode: str) -> None:
    await run_stream(toast.settings(), "menu")
    before, confirmed = larder.dump(), larder.confirmed_at("menu", toast.guids[0])
    await toast.do("publish")
    toast.fault(mode, "/menus/*")

    report = await run_stream(toast.settings(), "menu")
    after = larder.dump()
    toast.simulator.faults.clear()
    recovered = await run_stream(toast.settings(), "menu")

    assert report.state is State.FAILED
    assert report.error.startswith("none of 2 documents could be had")
    assert (after, larder.confirmed_at("menu", toast.guids[0]) == confirmed) == (before, False)
    assert (recovered.state, recovered.confirmed) == (State.PUBLISHED, 2)


async def test_a_restaurant_that_fails_stops_no_other(larder: Larder, toast: Open) -> None:
    strange = "99999999-9999-4999-8999-999999999999"

    report = await run_stream(toast.settings(restaurants=[strange, *toast.guids]), "menu")

    assert (report.state, report.confirmed, report.failed_documents) == (State.PUBLISHED, 2, 1)
    [found] = report.problems
    assert (found.scope, found.rule, found.value) == (strange, "the restaurant must have published", "404")


async def test_the_published_rates_are_kept(larder: Larder) -> None:
    """With the kind's own limits nothing is answered with 429, though menus are asked for twice.

    What was sent a second apart may arrive a little closer, so the supplier counts with some room.
    """
    async with opened(menus_per_second=2, per_second=20) as toast:
        settings, begun = toast.settings(limits={}), time.monotonic()
        await run_stream(settings, "menu")
        await toast.do("publish")
        report = await run_stream(settings, "menu")
        seconds = time.monotonic() - begun

    assert (report.state, report.confirmed, report.problems) == (State.PUBLISHED, 2, ())
    assert seconds >= 0.9, "the menus of one restaurant are asked for at most once a second"
    assert dict(toast.simulator.answered) == {"200": 8}


async def test_too_many_requests_fail_the_run_with_when_it_is_asked_again(larder: Larder) -> None:
    async with opened(per_quarter=2) as toast:
        await run_stream(toast.settings(), "menu")
        report = await run_stream(toast.settings(), "menu")

    assert report.state is State.FAILED
    assert {found.rule for found in report.problems} == {"the supplier must not be asked yet"}
    assert "it is left alone until " in report.error
