"""Sold-out marks and counts as availability."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.protocol import Malformed, Record
from sync.records import AvailabilityRecord
from sync.sources.square.answers import Count
from sync.sources.square.catalog_shapes import CatalogObject
from sync.sources.square.stock import stock_events
from tests.sync.square.selling import selling
from tests.sync.square.test_items import HERE, THERE, item, modifier, modifiers, variation

SOLD = {"location_overrides": [{"location_id": HERE, "sold_out": True}]}
UNTIL = {
    "location_overrides": [{"location_id": HERE, "sold_out": True, "sold_out_valid_until": "2026-03-01T18:00:00Z"}]
}
SIX = datetime(2026, 3, 1, 18, tzinfo=UTC)


def counted(quantity: str, location: str = HERE) -> dict[tuple[str, str], Count]:
    return {("V1", location): Count("V1", location, "IN_STOCK", quantity, "2026-03-01T00:00:00Z")}


def states(found: CatalogObject, counts: Any = None) -> dict[str, tuple[Any, ...]]:
    return {
        event.key: (event.payload.state, event.payload.until, event.payload.quantity)
        for event in stock_events(found, HERE, counts or {})
        if isinstance(event, Record) and isinstance(event.payload, AvailabilityRecord)
    }


@pytest.mark.parametrize(
    ("data", "counts", "expected"),
    [
        ({}, {}, ("AVAILABLE", None, None)),
        (SOLD, {}, ("SOLD_OUT", None, Decimal(0))),
        (UNTIL, {}, ("SOLD_OUT", SIX, Decimal(0))),
        ({}, counted("3"), ("AVAILABLE", None, None)),
        ({"track_inventory": True}, counted("3"), ("AVAILABLE", None, Decimal(3))),
        ({"track_inventory": True}, counted("2.34567"), ("AVAILABLE", None, Decimal("2.345"))),
        ({"track_inventory": True}, counted("0"), ("SOLD_OUT", None, Decimal(0))),
        ({"track_inventory": True}, counted("-2"), ("SOLD_OUT", None, Decimal(0))),
        ({"track_inventory": True}, counted("0", THERE), ("AVAILABLE", None, None)),
        ({"track_inventory": True, **SOLD}, counted("9"), ("SOLD_OUT", None, Decimal(0))),
        (
            {"track_inventory": True, "location_overrides": [{"location_id": HERE, "track_inventory": False}]},
            counted("0"),
            ("AVAILABLE", None, None),
        ),
    ],
)
def test_a_variation(data: dict[str, Any], counts: Any, expected: tuple[Any, ...]) -> None:
    assert states(item(variation(**data)), counts) == {"L1/I1": expected}


@pytest.mark.parametrize(
    ("first", "second", "state", "until"),
    [
        ({}, {}, "AVAILABLE", None),
        (SOLD, {}, "AVAILABLE", None),
        (SOLD, SOLD, "SOLD_OUT", None),
        (SOLD, UNTIL, "SOLD_OUT", SIX),
    ],
)
def test_an_item_of_several_variations(first: Any, second: Any, state: str, until: datetime | None) -> None:
    found = states(item(variation("V1", **first), variation("V2", **second)))

    assert set(found) == {"L1/I1", "L1/V1", "L1/V2"}
    assert found["L1/I1"] == (state, until, None)


def test_modifiers() -> None:
    found = modifiers(modifier("M1", **SOLD), modifier("M2"))

    assert {key: one[0] for key, one in states(found).items()} == {"L1/M1": "SOLD_OUT", "L1/M2": "AVAILABLE"}


@pytest.mark.parametrize(
    ("data", "counts", "rule", "value"),
    [
        ({"track_inventory": True}, counted("many"), "a quantity must be a decimal number", "'many'"),
        ({"track_inventory": True}, counted("NaN"), "a quantity must be a decimal number", "'NaN'"),
        (
            {"location_overrides": [{"location_id": HERE, "sold_out": True, "sold_out_valid_until": "soon"}]},
            {},
            "a time must be in RFC 3339",
            "'soon'",
        ),
    ],
)
def test_what_cannot_be_read_is_named(data: dict[str, Any], counts: Any, rule: str, value: str) -> None:
    [broken] = list(stock_events(item(variation(**data)), HERE, counts))

    assert isinstance(broken, Malformed)
    assert (broken.kind, broken.key, broken.rule, broken.value) == ("availability", "L1/I1", rule, value)


async def test_a_sold_out_mark_and_a_count_arrive_by_deltas() -> None:
    async with selling() as shop:
        books = await shop.fresh("inventory")

        shop.seller.sell_out("ITEM00001V0", "LOC001", "2099-01-01T18:00:00Z")
        await shop.run("inventory", books)
        after_mark = books.of("availability")
        shop.edit("ITEM00002V0", lambda data: data.update(track_inventory=True))
        shop.seller.ledger.count("ITEM00002V0", "LOC000", 7)
        await shop.run("inventory", books)
        shop.seller.ledger.count("ITEM00002V0", "LOC000", 0)
        await shop.run("inventory", books)

        assert after_mark["LOC000/ITEM00001"].state == "AVAILABLE"
        assert after_mark["LOC001/ITEM00001"].until == datetime(2099, 1, 1, 18, tzinfo=UTC)
        assert books.of("availability")["LOC000/ITEM00002"].state == "SOLD_OUT"
        assert books.said() == (await shop.fresh("inventory")).said()
