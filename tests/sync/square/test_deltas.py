"""Deltas come to what a full import gives, whatever the seller does."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.protocol import Unchanged
from sync.simulators.square_goods import catalog_object
from tests.sync.square.changing import CHANGES, change
from tests.sync.square.selling import only_confirms, opened, selling

NUMBERS = st.integers(0, 40)
STEPS = st.lists(
    st.lists(st.tuples(st.integers(0, len(CHANGES) - 1), NUMBERS, NUMBERS), min_size=1, max_size=3),
    min_size=1,
    max_size=4,
)


QUICK = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@settings(QUICK, max_examples=150)
@given(STEPS)
def test_every_kind_of_sequence_pulled_by_deltas_comes_to_a_fresh_import(
    steps: list[list[tuple[int, int, int]]],
) -> None:
    asyncio.run(pulled(steps))


@QUICK
@given(STEPS)
def test_any_sequence_of_changes_pulled_by_deltas_comes_to_a_fresh_import(
    steps: list[list[tuple[int, int, int]]],
) -> None:
    asyncio.run(pulled(steps))


async def pulled(steps: list[list[tuple[int, int, int]]]) -> None:
    async with selling(items=5, page_size=4) as shop:
        books = {stream: await shop.fresh(stream) for stream in ("catalog", "inventory")}
        for step in steps:
            for one in step:
                change(shop, *one)
            for stream, before in books.items():
                await shop.run(stream, before)

        for stream, after in books.items():
            assert after.said() == (await shop.fresh(stream)).said()


async def test_a_delta_reads_only_what_changed() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.asked()
        shop.edit("ITEM00001V0", lambda data: data.update(price_money={"amount": 4242, "currency": "USD"}))

        events = await shop.run("catalog", books)

        assert opened(events) == ["LOC000/ITEM00001", "LOC001/ITEM00001"]
        assert shop.asked() == 3
        assert str(books.of("offer")["LOC000/ITEM00001V0"].amount) == "42.42"


@pytest.mark.parametrize("stream", ["catalog", "inventory"])
async def test_a_run_without_a_change_confirms_everything_and_says_nothing(stream: str) -> None:
    async with selling() as shop:
        books = await shop.fresh(stream)

        events = await shop.run(stream, books)

        assert only_confirms(events)
        assert {event.confirms for event in events if isinstance(event, Unchanged)} == {"LOC000", "LOC001"}


async def test_a_delta_begins_at_the_time_that_the_server_told() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        told = shop.seller.answers.ledger.latest

        assert datetime.fromisoformat(books.cursor["LOC000/at"]["since"]) == told
        shop.seller.ledger.delete("ITEM00002")
        await shop.run("catalog", books)
        assert datetime.fromisoformat(books.cursor["LOC001/at"]["since"]) == shop.seller.ledger.latest > told


@pytest.mark.parametrize(
    ("key", "changed", "kind", "row"),
    [
        ("CAT000", {"name": "Kaffee"}, "section", "LOC000/PICKUP/CAT000"),
        ("TAX001", {"inclusion_type": "INCLUSIVE"}, "offer", "LOC000/ITEM00001V0"),
        ("IMG00001", {"url": "https://images.example/other.jpg"}, "item", "LOC001/ITEM00001"),
    ],
)
async def test_what_other_rows_depend_on_makes_a_delta_a_full_run(key: str, changed: Any, kind: str, row: str) -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        before = books.of(kind)[row]
        shop.edit(key, lambda data: data.update(changed))

        events = await shop.run("catalog", books)

        assert "LOC000" in opened(events)
        assert books.of(kind)[row] != before
        assert books.said() == (await shop.fresh("catalog")).said()


@pytest.mark.parametrize(
    ("key", "kind", "changed"),
    [
        ("LIST000", "hidden", {"present_at_all_locations": True, "absent_at_location_ids": ["LOC001"]}),
        ("LIST000", "text", {"modifier_list_data": {"name": "Notes", "modifier_type": "TEXT"}}),
        ("ITEM00001", "loose", {"item_data": {"categories": []}}),
    ],
)
async def test_a_change_that_moves_other_rows_makes_a_delta_a_full_run(
    key: str, kind: str, changed: dict[str, Any]
) -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")

        def change(thing: dict[str, Any]) -> None:
            for name, value in changed.items():
                thing[name] = {**thing[name], **value} if isinstance(value, dict) else value

        shop.seller.ledger.change(key, change)
        events = await shop.run("catalog", books)

        assert "LOC000" in opened(events), kind
        assert books.said() == (await shop.fresh("catalog")).said()


async def test_the_last_item_in_no_category_takes_its_section_with_it() -> None:
    async with selling() as shop:
        shop.edit("ITEM00001", lambda data: data.update(categories=[]))
        books = await shop.fresh("catalog")
        assert "LOC000/PICKUP/other" in books.of("section")
        shop.edit("ITEM00001", lambda data: data.update(categories=[{"id": "CAT000"}]))

        await shop.run("catalog", books)

        assert "LOC000/PICKUP/other" not in books.of("section")
        assert books.said() == (await shop.fresh("catalog")).said()


async def test_a_list_that_goes_leaves_no_item_that_offers_it() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        assert "LOC000/ITEM00001/LIST000" in books.of("item_group")
        shop.seller.ledger.delete("LIST000")

        await shop.run("catalog", books)

        assert "LOC000/ITEM00001/LIST000" not in books.of("item_group")
        assert books.said() == (await shop.fresh("catalog")).said()


async def test_a_new_picture_of_a_changed_item_needs_no_full_run() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.seller.ledger.put(catalog_object("IMAGE", "IMGNEW", {"url": "https://images.example/new.jpg"}))
        shop.edit("ITEM00002", lambda data: data.update(image_ids=["IMGNEW"]))

        events = await shop.run("catalog", books)

        assert opened(events) == ["LOC000/ITEM00002", "LOC001/ITEM00002"]
        assert books.of("item")["LOC000/ITEM00002"].media == ("https://images.example/new.jpg",)


async def test_a_tombstone_takes_all_rows_of_its_object() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.seller.ledger.delete("ITEM00000")

        await shop.run("catalog", books)

        assert not [row for row in books.rows if "ITEM00000" in row[1]]
        assert books.said() == (await shop.fresh("catalog")).said()


@pytest.mark.parametrize("stream", ["catalog", "inventory"])
async def test_a_reconciliation_deletes_what_tombstones_missed(stream: str) -> None:
    async with selling() as shop:
        books = await shop.fresh(stream)
        shop.seller.ledger.forget("ITEM00001")

        assert only_confirms(await shop.run(stream, books))
        await shop.run(stream, books, reconcile_hours=0)

        assert not [row for row in books.rows if "ITEM00001" in row[1]]
        assert books.said() == (await shop.fresh(stream)).said()


async def test_a_location_that_closes_takes_its_rows_with_it() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.seller.ledger.locations["LOC001"]["status"] = "INACTIVE"

        await shop.run("catalog", books)

        assert {key.split("/")[0] for _, key in books.rows} == {"LOC000"}
        assert set(books.cursor) == {"LOC000/at", "LOC000/known"}


async def test_what_was_refused_is_asked_for_again_in_full() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        del books.cursor["LOC001/at"]

        events = await shop.run("catalog", books)

        assert {"LOC000", "LOC001"} <= set(opened(events))


async def test_other_options_lay_everything_out_again() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")

        await shop.run("catalog", books, channels=["PICKUP", "DELIVERY"])

        assert books.said() == (await shop.fresh("catalog", channels=["PICKUP", "DELIVERY"])).said()
        assert set(books.of("menu")) == {f"LOC00{at}/{how}" for at in range(2) for how in ("PICKUP", "DELIVERY")}
