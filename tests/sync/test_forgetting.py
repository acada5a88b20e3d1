"""What is kept of the past, and for how long."""

from __future__ import annotations

from sync.connections import connect
from sync.decisions import pin
from sync.forgetting import forget
from sync.runner import run_stream
from sync.settings import Kept
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish, price


async def tidied(larder: Larder, days: int, **kept: int) -> None:
    """Let ``days`` pass, and forget."""
    for table, column in (("run", "finished_at"), ("body", "kept_at")):
        larder.execute(f"UPDATE larder_sync_{table} SET {column} = {column} - interval '{days} days'")
    larder.execute(f"UPDATE larder_price_change SET recorded_at = recorded_at - interval '{days} days'")
    async with await connect() as connection:
        await forget(connection, Kept(**kept))


def counts(larder: Larder) -> tuple[int, int, int]:
    """Runs, answers, bodies."""
    return tuple(larder.value(f"SELECT count(*) FROM larder_sync_{table}") for table in ("run", "payload", "body"))


async def test_old_runs_are_forgotten_but_never_the_latest(larder: Larder, supplier: Supplier) -> None:
    del supplier.documents["canteens.json"]
    for _ in range(3):
        await run_stream(supplier.source(), "menu")

    await tidied(larder, 31)

    assert larder.rows("SELECT id FROM larder_sync_run") == [(3,)]


async def test_answers_go_before_their_runs(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    before = counts(larder)

    await tidied(larder, 8)

    assert before[1] > 0
    assert before[2] > 0
    assert counts(larder) == (1, 0, 0)


async def test_the_answers_of_a_pinned_run_stay(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    await pin(supplier.source(), "menu", None)
    before = counts(larder)

    await tidied(larder, 800)

    assert counts(larder) == before


async def test_the_latest_price_stays_whatever_its_age(larder: Larder, supplier: Supplier) -> None:
    for amount in (3, 4, 5):
        supplier.week("mensa", {TODAY: [dish("Nudeln", prices={"guests": price(amount)})]})
        await run_stream(supplier.source(), "menu")
    history = "SELECT amount::int FROM larder_price_change ORDER BY id"
    before = larder.rows(history)

    await tidied(larder, 800)

    assert (before, larder.rows(history)) == ([(3,), (4,), (5,)], [(5,)])
