"""Which heads a confirmation moves: its times always, the table's only where a freshness may be another one for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.confirmations import confirm
from sync.connections import connect
from sync.freshness import FreshnessStatus, freshness_status, next_status_at
from sync.heads import CONFIRMATION_HEAD, CONFIRMED_HEAD
from sync.runner import run_stream
from sync.scopes import Unit
from sync.settings import SourceSettings
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish

BACKDATE = "UPDATE larder_confirmation SET confirmed_at = confirmed_at - make_interval(secs => %s)"
INSERT = """
INSERT INTO larder_confirmation (source, concern, scope, fresh_for_seconds, stale_for_seconds)
VALUES ('{}', 'menu', 'y', 1, 2)
"""
FRESH_SECONDS = 300


def source(supplier: Supplier, fresh: int = FRESH_SECONDS, stale: int = 86_400) -> SourceSettings:
    found = supplier.source()
    slo = replace(found.slo("menu"), fresh_for_seconds=fresh, stale_for_seconds=stale)
    return replace(found, slos={"menu": slo, "price": slo, "availability": slo})


def of_confirmations(larder: Larder) -> tuple[int, int]:
    heads = larder.every_head()
    return heads.get(CONFIRMATION_HEAD, 0), heads.get(CONFIRMED_HEAD, 0)


async def moved_by_a_run(larder: Larder, settings: SourceSettings) -> tuple[int, int]:
    """By how much the head of the table and that of its times move."""
    before = of_confirmations(larder)
    await run_stream(settings, "menu")
    after = of_confirmations(larder)
    return after[0] - before[0], after[1] - before[1]


async def test_new_confirmations_move_both_heads(larder: Larder, supplier: Supplier) -> None:
    assert await moved_by_a_run(larder, source(supplier)) == (1, 1)


async def test_a_run_while_everything_is_fresh_moves_the_times_alone(larder: Larder, supplier: Supplier) -> None:
    await run_stream(source(supplier), "menu")

    assert await moved_by_a_run(larder, source(supplier)) == (0, 1)

    supplier.week("mensa", {TODAY: [dish("Nudeln"), dish("Reis", labels=["MILK"])]})
    assert (await moved_by_a_run(larder, source(supplier)))[0] == 0


@pytest.mark.parametrize(
    ("age_seconds", "moved"),
    [
        (FRESH_SECONDS - 120, 0),
        (FRESH_SECONDS - 20, 1),
        (FRESH_SECONDS + 1, 1),
        (100_000, 1),
    ],
)
async def test_what_may_have_ceased_to_be_fresh_moves_the_table(
    larder: Larder, supplier: Supplier, age_seconds: int, moved: int
) -> None:
    await run_stream(source(supplier), "menu")
    larder.execute(BACKDATE, age_seconds)

    assert await moved_by_a_run(larder, source(supplier)) == (moved, 1)


async def test_one_old_confirmation_among_fresh_ones_is_enough(larder: Larder, supplier: Supplier) -> None:
    await run_stream(source(supplier), "menu")
    larder.execute(f"{BACKDATE} WHERE concern = 'price'", 1000)

    assert await moved_by_a_run(larder, source(supplier)) == (1, 1)


async def test_a_confirmation_without_a_time_is_none(larder: Larder, supplier: Supplier) -> None:
    await run_stream(source(supplier), "menu")
    larder.execute("UPDATE larder_confirmation SET confirmed_at = NULL WHERE concern = 'price'")

    assert await moved_by_a_run(larder, source(supplier)) == (1, 1)


async def test_thresholds_below_the_margin_move_the_table_always(larder: Larder, supplier: Supplier) -> None:
    await run_stream(source(supplier, fresh=20), "menu")

    assert await moved_by_a_run(larder, source(supplier, fresh=20)) == (1, 1)


async def test_other_thresholds_move_both(larder: Larder, supplier: Supplier) -> None:
    await run_stream(source(supplier), "menu")
    before = of_confirmations(larder)

    await run_stream(source(supplier, fresh=600), "menu")

    after = of_confirmations(larder)
    assert after[0] > before[0]
    assert after[1] > before[1]


async def test_the_least_threshold_of_a_concern_counts_for_all_its_units(larder: Larder, supplier: Supplier) -> None:
    supplier.canteens("mensa", "bistro")
    supplier.week("bistro", {TODAY: [dish("Salat")]})
    await run_stream(source(supplier), "menu")
    larder.execute(BACKDATE, 100)
    by_hand = "UPDATE larder_confirmation SET fresh_for_seconds = 60 WHERE scope = 'bistro' AND concern = 'price'"

    larder.execute(by_hand)
    settings, concerns = source(supplier), ["price"]
    async with await connect() as connection:
        unit = Unit("mensa")
        heads = await confirm(connection, settings.name, concerns, [unit], datetime.now(UTC))
        await connection.rollback()

    assert heads == [CONFIRMATION_HEAD, CONFIRMED_HEAD]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE larder_confirmation SET as_of = now()",
        "DELETE FROM larder_confirmation WHERE false OR source = 'other'",
        INSERT.format("x"),
    ],
)
async def test_other_writers_move_both(larder: Larder, statement: str) -> None:
    larder.execute(INSERT.format("other"))
    before = of_confirmations(larder)

    larder.execute(statement)

    assert of_confirmations(larder) == (before[0] + 1, before[1] + 1)


def test_the_next_status_is_a_microsecond_after_its_threshold() -> None:
    confirmed = datetime(2026, 1, 1, tzinfo=UTC)
    first = next_status_at(confirmed, confirmed, 60, 600)
    assert first is not None
    second = next_status_at(first, confirmed, 60, 600)
    assert second is not None

    found = [
        freshness_status(at + timedelta(microseconds=shift), confirmed, 60, 600)
        for at in (first, second)
        for shift in (-1, 0)
    ]

    fresh, stale, expired = FreshnessStatus.FRESH, FreshnessStatus.STALE, FreshnessStatus.EXPIRED
    assert found == [fresh, stale, stale, expired]
    assert next_status_at(second, confirmed, 60, 600) is None
    assert next_status_at(confirmed, None, 60, 600) is None
    assert next_status_at(confirmed, confirmed, 10**12, 10**12) is None
