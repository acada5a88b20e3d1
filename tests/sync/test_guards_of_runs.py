"""Guards that hold a whole run until an operator has looked at it, and rows that leap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.quarantine import accept, list_quarantine
from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish, price

CANTEENS = ("mensa", "cafe", "bistro", "stube", "grill")


def sell(supplier: Supplier, canteen: str, count: int, **more: Any) -> None:
    supplier.week(canteen, {TODAY: [dish(f"Gericht {number}", **more) for number in range(count)]})


async def stocked(supplier: Supplier, count: int = 20) -> None:
    supplier.canteens(*CANTEENS)
    for canteen in CANTEENS:
        sell(supplier, canteen, count)
    assert (await run_stream(supplier.source(), "menu")).state is State.PUBLISHED


async def test_a_source_that_loses_a_quarter_waits_for_an_operator(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    before, heads = larder.dump(), larder.heads()
    for canteen in CANTEENS:
        sell(supplier, canteen, 15)

    reports = [await run_stream(supplier.source(), "menu") for _ in range(3)]

    assert [report.state for report in reports] == [State.HELD] * 3
    assert [(hold.unit, hold.value, hold.waits_for) for hold in reports[0].holds] == [
        (None, "25 of 100 items", "operator")
    ]
    assert (larder.dump(), larder.heads()) == (before, heads)
    states = larder.rows("SELECT state FROM larder_sync_run ORDER BY id")
    assert [state for (state,) in states] == ["PUBLISHED", "SUPERSEDED", "SUPERSEDED", "HELD"]


async def test_what_a_source_loses_in_many_small_parts_counts_together(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    confirmed = larder.confirmed_at("menu", "mensa")
    for canteen in CANTEENS[:4]:
        sell(supplier, canteen, 15)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, [hold.value for hold in report.holds]) == (State.HELD, ["20 of 100 items"])
    assert larder.confirmed_at("menu", "mensa") == confirmed


async def test_a_location_that_loses_much_of_a_large_source_is_said_twice(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    sell(supplier, "mensa", 12)

    states = [(await run_stream(supplier.source(), "menu")).state for _ in range(2)]

    assert states == [State.HELD, State.PUBLISHED]
    assert len(larder.items()) == 92


def broken(count: int, of: int) -> list[dict[str, Any]]:
    whole = [dish(f"Gericht {number}") for number in range(of - count)]
    return [*whole, *(dish(f"Gericht {number}", prices={"students": price("x")}) for number in range(of - count, of))]


@pytest.mark.parametrize(("count", "state"), [(30, State.PUBLISHED), (250, State.HELD)])
async def test_a_run_of_which_much_is_refused_waits_for_an_operator(
    larder: Larder, supplier: Supplier, count: int, state: State
) -> None:
    supplier.week("mensa", {TODAY: broken(count, 1000)})

    report = await run_stream(supplier.source(), "menu")

    assert report.state is state
    assert report.quarantined == count
    published = state is State.PUBLISHED
    assert larder.value("SELECT count(*) FROM larder_item") == (1000 if published else 0)
    assert larder.value("SELECT count(*) FROM larder_sync_quarantine") == (count if published else 0)


@pytest.mark.parametrize(
    ("amount", "refused"), [(9, False), (9.01, True), (1, False), (0.99, True), (0, True), (300, True)]
)
async def test_a_price_that_leaps_keeps_its_old_value(
    larder: Larder, supplier: Supplier, amount: float, refused: bool
) -> None:
    supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(3)}), dish("Reis")]})
    first = await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(amount)}), dish("Reis")]})

    report = await run_stream(supplier.source(), "menu")

    [(stored, held)] = larder.rows(
        """SELECT o.amount, o.held_confirmed_at FROM larder_offer o JOIN larder_item i ON i.id = o.item_id
        WHERE i.name = 'Nudeln' AND o.deleted_at IS NULL"""
    )
    assert report.state is State.PUBLISHED
    assert stored == (Decimal(3) if refused else Decimal(str(amount)))
    assert held == (first.started_at if refused else None)
    assert report.quarantined == refused
    if refused:
        assert "by more than a factor of 3" in report.problems[0].rule
        assert report.problems[0].value == f"3 → {amount}"


async def test_a_row_leaves_quarantine_when_the_supplier_mends_it(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(3)})]})
    await run_stream(supplier.source(), "menu")
    seen = []
    for amount in (300, 300, 400, 4):
        supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(amount)})]})
        await run_stream(supplier.source(), "menu")
        rows, count = await list_quarantine(["canteens"], 10)
        seen.append((count, [(row.kind, row.value, row.since) for row in rows]))

    assert [count for count, _ in seen] == [1, 1, 1, 0]
    assert seen[0] == seen[1]
    [(kind, value, since)] = seen[2][1]
    assert (kind, value, since) == ("offer", "3 → 400", seen[0][1][0][2])
    assert larder.prices("Nudeln")["GUESTS"][0] == Decimal(4)


async def test_an_operator_may_accept_a_price(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(3)})]})
    await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(300)})]})
    await run_stream(supplier.source(), "menu")
    [row], _ = await list_quarantine(["canteens"], 10)

    await accept(row.source, row.kind, row.key)
    await run_stream(supplier.source(), "menu")

    assert larder.prices("Nudeln")["GUESTS"][0] == Decimal(300)
    assert (await list_quarantine(["canteens"], 10))[1] == 0
