"""What operators decide: approve, reject, replay, pin, release."""

from __future__ import annotations

import pytest

from sync.decisions import approve, find_run, pin, reject, release, replay
from sync.errors import NotDecidable, Pinned
from sync.history import list_runs, show_run
from sync.runner import run_stream
from sync.runs import State
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish
from tests.sync.test_guards_of_runs import CANTEENS, sell, stocked


async def held(supplier: Supplier, count: int = 10) -> int:
    """A run that waits for an operator."""
    for canteen in CANTEENS:
        sell(supplier, canteen, count)
    report = await run_stream(supplier.source(), "menu")
    assert report.state is State.HELD
    return report.run_id


async def test_approving_publishes_what_was_heard_without_asking_again(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    run_id = await held(supplier)
    supplier.asked.clear()
    supplier.documents.clear()

    report = await approve(supplier.source(), await find_run(run_id))

    assert (report.state, len(larder.items()), supplier.asked) == (State.PUBLISHED, 50, [])
    started = larder.value("SELECT started_at FROM larder_sync_run WHERE id = %s", run_id)
    assert larder.confirmed_at("menu", "mensa") == started
    assert larder.rows("SELECT state, decision FROM larder_sync_run WHERE id = %s", run_id) == [
        ("SUPERSEDED", "APPROVED")
    ]
    assert larder.value("SELECT replays_id FROM larder_sync_run WHERE id = %s", report.run_id) == run_id
    with pytest.raises(NotDecidable, match="nobody may have decided"):
        await approve(supplier.source(), await find_run(run_id))


async def test_after_approving_the_supplier_is_asked_only_for_what_changed(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    await approve(supplier.source(), await find_run(await held(supplier)))

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.changed, report.unchanged_documents > 0) == (State.PUBLISHED, 0, True)


async def test_a_rejected_run_is_not_asked_about_again(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    before = larder.dump()
    await reject(await find_run(await held(supplier)))

    again = await run_stream(supplier.source(), "menu")
    waiting = await list_runs(["canteens"], undecided=True)
    other = await held(supplier, 9)

    assert (again.state, waiting, larder.dump()) == (State.HELD, [], before)
    assert [run.run for run in await list_runs(["canteens"], undecided=True)] == [other]


async def test_a_run_that_failed_is_done_again(
    larder: Larder, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    with monkeypatch.context() as patch:
        patch.setattr("sync.judging.losses", broken)
        failed = await run_stream(supplier.source(), "menu")
    supplier.documents.clear()

    report = await replay(supplier.source(), await find_run(failed.run_id))

    assert (failed.state, failed.error) == (State.FAILED, "ZeroDivisionError: a bug of ours")
    assert (report.state, len(larder.items())) == (State.PUBLISHED, 4)


async def test_a_run_is_not_done_again_over_a_later_one(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    run_id = await held(supplier)
    for canteen in CANTEENS:
        sell(supplier, canteen, 20)
    await run_stream(supplier.source(), "menu")

    with pytest.raises(NotDecidable):
        await replay(supplier.source(), await find_run(run_id))
    assert len(larder.items()) == 100


async def test_a_pinned_stream_stays_until_it_is_released(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    await pin(supplier.source(), "menu", None)
    supplier.week("mensa", {TODAY: [dish(f"Gericht {number}") for number in range(21)]})

    with pytest.raises(Pinned, match="canteens/menu is pinned at run 1"):
        await run_stream(supplier.source(), "menu")
    await release(supplier.source(), "menu")
    await run_stream(supplier.source(), "menu")

    assert len(larder.items()) == 101
    with pytest.raises(NotDecidable, match="must be pinned"):
        await release(supplier.source(), "menu")


async def test_a_stream_goes_back_to_an_earlier_run(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    first = larder.value("SELECT max(id) FROM larder_sync_run")
    before = larder.items()
    supplier.week("mensa", {TODAY: [dish(f"Neu {number}") for number in range(20)]})
    second = await run_stream(supplier.source(), "menu")
    confirmed = larder.confirmed_at("menu", "mensa")

    report = await pin(supplier.source(), "menu", await find_run(first))

    assert report is not None
    assert (report.state, larder.items(), larder.confirmed_at("menu", "mensa")) == (State.PUBLISHED, before, confirmed)
    with pytest.raises(Pinned):
        await run_stream(supplier.source(), "menu")
    failed = await pin(supplier.source(), "menu", await find_run(second.run_id))
    assert failed is not None
    assert "must have said everything" in failed.error
    await release(supplier.source(), "menu")
    await run_stream(supplier.source(), "menu")
    assert "Neu 0" in larder.items()


async def test_a_run_shows_what_it_held_and_heard(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    detail = await show_run(await held(supplier))

    assert detail.summary.holds[0]["waits_for"] == "operator"
    assert detail.summary.payloads == len(detail.answers) > 5
    assert any("canteens.json" in answer.request for answer in detail.answers)


async def test_runs_that_said_nothing_new_keep_no_answers(larder: Larder, supplier: Supplier) -> None:
    await stocked(supplier)
    kept = larder.value("SELECT count(*) FROM larder_sync_payload")

    await run_stream(supplier.source(), "menu")

    assert larder.value("SELECT count(*) FROM larder_sync_payload") == kept


async def test_only_runs_that_exist_are_decided_about(larder: Larder) -> None:
    assert larder.value("SELECT count(*) FROM larder_sync_run") == 0
    with pytest.raises(NotDecidable, match=r"a run must exist \(got run 7\)"):
        await find_run(7)
