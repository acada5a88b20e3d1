"""The sparse stream: what the supplier is silent about is available."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish

TOMORROW = TODAY + timedelta(days=1)


def stock(name: str, state: Any = "SOLD_OUT", **more: Any) -> dict[str, Any]:
    return {"canteen_id": "mensa", "date": TODAY.isoformat(), "name": name, "state": state, **more}


def states(larder: Larder) -> dict[str, str]:
    return dict(
        larder.rows(
            """SELECT i.name, a.state FROM larder_availability a JOIN larder_item i ON i.id = a.item_id
            JOIN larder_location l ON l.id = a.location_id WHERE a.deleted_at IS NULL ORDER BY 1"""
        )
    )


async def test_every_dish_from_today_on_has_an_availability(larder: Larder, supplier: Supplier) -> None:
    supplier.week(
        "mensa", {TODAY - timedelta(days=1): [dish("Gestern")], TODAY: [dish("Reis")], TOMORROW: [dish("Suppe")]}
    )
    await run_stream(supplier.source(), "menu")
    supplier.publish("stock.json", [stock("Reis", until="2025-10-08T12:00:00+02:00", quantity=0)])

    report = await run_stream(supplier.source(), "stock")

    assert (report.state, report.inserted) == (State.PUBLISHED, 2)
    assert states(larder) == {"Reis": "SOLD_OUT", "Suppe": "AVAILABLE"}
    assert larder.rows("SELECT until, quantity FROM larder_availability WHERE state = 'SOLD_OUT'") == [
        (datetime(2025, 10, 8, 10, tzinfo=UTC), Decimal(0))
    ]
    assert larder.confirmed_at("availability", "mensa") == report.started_at


async def test_silence_makes_available_again(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    supplier.publish("stock.json", [stock("Reis")])
    await run_stream(supplier.source(), "stock")
    supplier.publish("stock.json", [stock("Nudeln", "HIDDEN")])

    report = await run_stream(supplier.source(), "stock")

    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (0, 2, 0, 2)
    assert states(larder) == {"Nudeln": "HIDDEN", "Reis": "AVAILABLE", "Salat": "AVAILABLE", "Suppe": "AVAILABLE"}


async def test_an_unchanged_stock_writes_nothing_and_confirms(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    await run_stream(supplier.source(), "stock")
    before, heads = larder.dump(), larder.heads()

    report = await run_stream(supplier.source(), "stock")

    assert (report.changed, report.unchanged) == (0, 4)
    assert (larder.dump(), larder.heads()) == (before, heads)
    assert larder.confirmed_at("availability", "mensa") == report.started_at


async def test_new_dishes_get_an_availability_though_the_stock_says_nothing_new(
    larder: Larder, supplier: Supplier
) -> None:
    await run_stream(supplier.source(), "menu")
    await run_stream(supplier.source(), "stock")
    supplier.week("mensa", {TODAY: [dish("Nudeln"), dish("Reis"), dish("Pizza")], TOMORROW: [dish("Suppe")]})
    await run_stream(supplier.source(), "menu")

    report = await run_stream(supplier.source(), "stock")

    assert (report.inserted, report.deleted) == (1, 1)
    assert set(states(larder)) == {"Nudeln", "Pizza", "Reis", "Suppe"}


async def test_dishes_of_days_gone_by_lose_theirs(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    await run_stream(supplier.source(), "stock")
    supplier.now = supplier.now and supplier.now + timedelta(days=1)

    report = await run_stream(supplier.source(), "stock")

    assert (report.deleted, set(states(larder))) == (2, {"Salat", "Suppe"})


async def test_dishes_of_one_name_share_their_stock(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Reis"), dish("Reis")], TOMORROW: [dish("Reis")]})
    await run_stream(supplier.source(), "menu")
    supplier.publish("stock.json", [stock("Reis")])

    await run_stream(supplier.source(), "stock")

    found = larder.rows("SELECT external_id, state FROM larder_availability ORDER BY 1")
    assert [state for _, state in found] == ["SOLD_OUT", "SOLD_OUT", "AVAILABLE"]


async def test_bad_entries_touch_only_what_they_name(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    supplier.publish("stock.json", [stock("Reis")])
    first = await run_stream(supplier.source(), "stock")
    elsewhere = {**stock("Reis"), "canteen_id": "nowhere"}
    twice = [stock("Nudeln"), stock("Nudeln", "HIDDEN")]
    supplier.publish("stock.json", [stock("Reis", "MAYBE"), stock("Unbekannt"), elsewhere, *twice])

    report = await run_stream(supplier.source(), "stock")

    assert states(larder) == {"Nudeln": "AVAILABLE", "Reis": "SOLD_OUT", "Salat": "AVAILABLE", "Suppe": "AVAILABLE"}
    assert sorted((key, rule) for _, key, rule, _ in larder.problems()) == [
        ("mensa/2025-10-08/Pasta/Nudeln/1", "records of one key must agree"),
        ("mensa/2025-10-08/Pasta/Reis/1", "state must be one of AVAILABLE, SOLD_OUT, HIDDEN"),
        ("mensa/2025-10-08/Unbekannt", "a record must be about something that is on offer"),
        ("nowhere/2025-10-08/Reis", "canteen_id must be listed"),
    ]
    assert report.quarantined == 3
    held = (
        "SELECT external_id, held_confirmed_at FROM larder_availability WHERE held_confirmed_at IS NOT NULL ORDER BY 1"
    )
    assert [at for _, at in larder.rows(held)] == [first.started_at, first.started_at]


async def test_an_entry_without_a_dish_makes_nothing_available(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    supplier.publish("stock.json", [stock("Reis")])
    first = await run_stream(supplier.source(), "stock")
    supplier.publish("stock.json", [stock(None)])  # type: ignore[arg-type]

    report = await run_stream(supplier.source(), "stock")

    assert (report.state, report.changed, states(larder)["Reis"]) == (State.PUBLISHED, 0, "SOLD_OUT")
    assert larder.rows("SELECT DISTINCT held_confirmed_at FROM larder_availability") == [(first.started_at,)]


async def test_a_stock_that_cannot_be_had_fails_the_run(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    first = await run_stream(supplier.source(), "stock")
    for bad in (b"<html>", b'[{"state":"SOLD_OUT"}]', b'{"a":1}'):
        supplier.publish("stock.json", bad)
        report = await run_stream(supplier.source(), "stock")
        assert report.state is State.FAILED
        assert report.error.startswith("stock.json: ")
    del supplier.documents["stock.json"]
    report = await run_stream(supplier.source(), "stock")

    assert report.error == "stock.json: the stock must exist: 404"
    assert larder.confirmed_at("availability", "mensa") == first.started_at
