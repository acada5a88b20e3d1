"""The loss guard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish

TOMORROW = TODAY + timedelta(days=1)


def sell(supplier: Supplier, count: int, canteen: str = "mensa", **more: Any) -> None:
    supplier.week(canteen, {TODAY: [dish(f"Gericht {number}", **more) for number in range(count)]})


async def test_a_heavy_loss_is_held_and_confirms_nothing(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    first = await run_stream(supplier.source(), "menu")
    before, heads = larder.dump(), larder.heads()
    sell(supplier, 7)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.held, report.changed, report.confirmed) == (State.HELD, ("mensa",), 0, 0)
    assert (larder.dump(), larder.heads()) == (before, heads)
    assert larder.confirmed_at("menu", "mensa") == first.started_at
    assert [value for *_, value in larder.problems()] == ["3 of 10 items"]


async def test_a_light_loss_is_published(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 8)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, len(larder.items())) == (State.PUBLISHED, 8)


async def test_a_loss_that_the_supplier_says_twice_is_published(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 2)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 2, labels=["MILK"])

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.held, len(larder.items())) == (State.PUBLISHED, (), 2)
    assert larder.value("SELECT held FROM larder_sync_stream") == {}


async def test_another_loss_is_held_anew(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    await run_stream(supplier.source(), "menu")
    states = []
    for count in (2, 1, 1):
        sell(supplier, count)
        states.append((await run_stream(supplier.source(), "menu")).state)

    assert states == [State.HELD, State.HELD, State.PUBLISHED]


async def test_a_loss_that_is_taken_back_is_forgotten(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 2)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 10)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.changed, report.unchanged_documents) == (State.PUBLISHED, 0, 6)
    assert larder.confirmed_at("menu", "mensa") == report.started_at
    assert larder.value("SELECT held FROM larder_sync_stream") == {}
    sell(supplier, 2)
    assert (await run_stream(supplier.source(), "menu")).state is State.HELD


async def test_other_canteens_are_published_beside_a_held_one(larder: Larder, supplier: Supplier) -> None:
    supplier.canteens("mensa", "cafe")
    sell(supplier, 10)
    sell(supplier, 30, "cafe")
    await run_stream(supplier.source(), "menu")
    sell(supplier, 6)
    sell(supplier, 31, "cafe")

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.held, len(larder.items())) == (State.PUBLISHED, ("mensa",), 41)
    assert larder.confirmed_at("menu", "cafe") == report.started_at


async def test_losses_of_past_days_do_not_count(larder: Larder, supplier: Supplier) -> None:
    yesterday = TODAY - timedelta(days=1)
    supplier.week("mensa", {yesterday: [dish("a"), dish("b"), dish("c")], TODAY: [dish("d")]})
    await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {yesterday: [dish("a")], TODAY: [dish("d")]})

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, larder.items()) == (State.PUBLISHED, ["a", "d"])


@pytest.mark.parametrize(("ratio", "state"), [(0.31, State.PUBLISHED), (0.3, State.HELD), (False, State.PUBLISHED)])
async def test_the_ratio_is_a_setting(larder: Larder, supplier: Supplier, ratio: float, state: State) -> None:
    source = supplier.source(guards={"location_loss": ratio})
    sell(supplier, 10)
    await run_stream(source, "menu")
    sell(supplier, 7)

    assert (await run_stream(source, "menu")).state is state


async def test_reworded_dishes_are_no_loss(larder: Larder, supplier: Supplier) -> None:
    sell(supplier, 10)
    await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {TODAY: [dish(f"Neu {number}") for number in range(8)]})

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.inserted > 0, len(larder.items())) == (State.PUBLISHED, True, 8)


async def test_the_rows_behind_unchanged_documents_count_as_live(larder: Larder, supplier: Supplier) -> None:
    next_week = TODAY + timedelta(days=7)
    sell(supplier, 10)
    supplier.week("mensa", {next_week: [dish(f"Gericht {number}") for number in range(30)]}, next_week)
    await run_stream(supplier.source(), "menu")
    sell(supplier, 1)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.deleted > 0) == (State.PUBLISHED, True)

    supplier.week("mensa", {next_week: [dish("Gericht 1")]}, next_week)

    assert (await run_stream(supplier.source(), "menu")).state is State.HELD
    assert [value for *_, value in larder.problems()] == ["29 of 31 items"]
