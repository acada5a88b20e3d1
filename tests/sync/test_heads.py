"""Heads move with whatever is written, by whomever."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest
from asgiref.sync import sync_to_async

from catalog.models import Item, Location, Source
from sync.connections import connect
from sync.heads import CHANNEL, CONFIRMED_HEAD
from sync.runner import run_stream
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish


def moved(larder: Larder, write: Callable[[], object]) -> dict[str, int]:
    """By how much each head moves when ``write`` is done."""
    before = larder.heads()
    write()
    return {name: value - before.get(name, 0) for name, value in larder.heads().items() if value != before.get(name)}


async def test_a_publish_moves_the_heads_of_what_it_changed_once(larder: Larder, supplier: Supplier) -> None:
    before = larder.heads()
    await run_stream(supplier.source(), "menu")
    after = larder.heads()

    names = ("confirmation", "item", "location", "menu", "offer", "placement", "price_change", "section", "source")
    assert {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name)} == {
        f"larder_{name}": 1 for name in names
    }


async def test_a_publish_notifies_once_and_one_that_changes_nothing_tells_its_times_alone(
    larder: Larder, supplier: Supplier
) -> None:
    async with await connect() as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        await run_stream(supplier.source(), "menu")
        await run_stream(supplier.source(), "menu")
        await listener.execute("SELECT 1")
        notified = [json.loads(notify.payload) async for notify in listener.notifies(timeout=0.2)]

    assert len(notified) == 2
    assert "larder_item" in notified[0]["heads"]
    assert notified[1]["heads"] == [CONFIRMED_HEAD]


async def test_django_moves_heads(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")

    def writes() -> list[dict[str, int]]:
        reis = Item.objects.get(name="Reis")
        return [
            moved(larder, lambda: Source.objects.create(name="mine", kind="hand")),
            moved(larder, lambda: Source.objects.bulk_create([Source(name=f"s{n}", kind="hand") for n in range(3)])),
            moved(larder, reis.save),
            moved(larder, lambda: Item.objects.filter(name="Reis").update(description="Basmati")),
            moved(larder, lambda: Item.objects.filter(name="nobody").update(description="x")),
            moved(larder, lambda: Source.objects.filter(name__startswith="s").delete()),
            moved(larder, lambda: Source.objects.filter(name="nobody").delete()),
            moved(larder, lambda: list(Location.objects.all())),
        ]

    source, item = {"larder_source": 1}, {"larder_item": 1}
    assert await sync_to_async(writes)() == [source, source, item, item, {}, source, {}, {}]


@pytest.mark.parametrize(
    ("statement", "heads"),
    [
        ("INSERT INTO larder_source (name, kind, account) VALUES ('a', 'b', '')", {"larder_source"}),
        ("INSERT INTO larder_source (name, kind, account) SELECT 'a', 'b', '' WHERE false", set()),
        ("UPDATE larder_offer SET amount = 1", {"larder_offer"}),
        ("UPDATE larder_offer SET amount = 1 WHERE false", set()),
        ("DELETE FROM larder_price_change", {"larder_price_change"}),
        ("TRUNCATE larder_price_change", {"larder_price_change"}),
        ("TRUNCATE larder_offer CASCADE", {"larder_offer", "larder_price_change"}),
    ],
)
async def test_raw_sql_moves_heads(larder: Larder, supplier: Supplier, statement: str, heads: set[str]) -> None:
    await run_stream(supplier.source(), "menu")

    assert set(moved(larder, lambda: larder.execute(statement))) == heads


async def test_copy_moves_heads(larder: Larder, store: str) -> None:
    def copy() -> None:
        into = "COPY larder_source (name, kind, account) FROM STDIN"
        with psycopg.connect(store) as connection, connection.cursor() as cursor, cursor.copy(into) as rows:
            rows.write_row(("a", "b", ""))

    assert moved(larder, copy) == {"larder_source": 1}


async def test_a_write_that_is_rolled_back_moves_nothing(larder: Larder, store: str) -> None:
    def write() -> None:
        with psycopg.connect(store) as connection:
            connection.execute("INSERT INTO larder_source (name, kind, account) VALUES ('a', 'b', '')")
            connection.rollback()

    assert moved(larder, write) == {}


async def test_a_publish_leaves_the_triggers_on_for_what_its_connection_does_next(store: str, larder: Larder) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL larder.publishing = 'on'")
        insert = "INSERT INTO larder_source (name, kind, account) VALUES ('a', 'b', '')"

        assert moved(larder, lambda: connection.execute(insert)) == {"larder_source": 1}


async def test_a_change_in_one_canteen_moves_only_what_it_touches(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Reis"), dish("Nudeln")]})
    await run_stream(supplier.source(), "menu")
    before = larder.heads()
    supplier.week("mensa", {TODAY: [dish("Reis", labels=["MILK"]), dish("Nudeln")]})

    await run_stream(supplier.source(), "menu")

    assert {name for name, value in larder.heads().items() if value != before.get(name)} == {"larder_item"}
