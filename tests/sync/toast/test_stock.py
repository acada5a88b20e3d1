"""The sparse stock: what is not listed is in stock."""

from __future__ import annotations

from typing import Any

import pytest

from sync.protocol import Begin, Checkpoint, End, Failed, Malformed, Mode, Record
from sync.records import AvailabilityRecord
from tests.sync.toast.asked import INVENTORY, Supplier
from tests.sync.toast.published import GUID, OTHER, TOLD


def row(status: Any = "OUT_OF_STOCK", **more: Any) -> dict[str, Any]:
    return {"guid": "soup", "status": status, "quantity": None, "multiLocationId": "1", **more}


async def pulled(*rows: Any, body: Any = None) -> list[Any]:
    supplier = Supplier()
    supplier.put(INVENTORY, list(rows) if body is None else body)
    return list(await supplier.pull("stock"))


async def test_each_restaurant_is_a_sparse_scope() -> None:
    begin, record, end, checkpoint = await pulled(row())

    assert begin == Begin("stock", Mode.SPARSE, GUID, confirms=GUID)
    assert (record.key, record.scope) == (f"{GUID}/soup", GUID)
    assert end == End(GUID, complete=True, as_of=TOLD)
    assert checkpoint == Checkpoint(GUID, {GUID: {"asked": True}}, document=f"{INVENTORY} of {GUID}")


async def test_an_empty_inventory_says_that_everything_is_in_stock() -> None:
    assert [type(event) for event in await pulled()] == [Begin, End, Checkpoint]


@pytest.mark.parametrize(
    ("told", "state", "quantity"),
    [
        (row(), "SOLD_OUT", None),
        (row(quantity=3), "SOLD_OUT", None),
        (row("QUANTITY", quantity=3), "AVAILABLE", "3"),
        (row("QUANTITY", quantity=2.5), "AVAILABLE", "2.5"),
        (row("QUANTITY", quantity=0), "SOLD_OUT", None),
        (row("IN_STOCK"), "AVAILABLE", None),
    ],
)
async def test_statuses(told: dict[str, Any], state: str, quantity: str | None) -> None:
    [found] = [event.payload for event in await pulled(told) if isinstance(event, Record)]

    assert isinstance(found, AvailabilityRecord)
    assert (found.state, None if found.quantity is None else str(found.quantity)) == (state, quantity)


async def test_a_row_may_name_its_item_as_messages_do() -> None:
    [record] = [
        event
        for event in await pulled({"itemGuid": "soup", "restaurantGuid": GUID, "status": "OUT_OF_STOCK"})
        if isinstance(event, Record)
    ]

    assert record.key == f"{GUID}/soup"


@pytest.mark.parametrize(
    ("told", "key", "rule", "value"),
    [
        (row("GONE"), "soup", "status must be one of OUT_OF_STOCK, QUANTITY, IN_STOCK", "GONE"),
        (row(None), "soup", "status must be one of OUT_OF_STOCK, QUANTITY, IN_STOCK", "nothing"),
        (row("QUANTITY"), "soup", "the status QUANTITY must have a quantity of at least 0", "None"),
        (row("QUANTITY", quantity=-1), "soup", "the status QUANTITY must have a quantity of at least 0", "-1"),
        (row("QUANTITY", quantity="3"), "soup", "quantity must be a number", "'3'"),
        (row(guid=None), None, "guid must be letters, digits, - and _", "None"),
        ({"status": "OUT_OF_STOCK"}, None, "itemGuid must be letters, digits, - and _", "None"),
        (7, None, "an entry must be an object", "7"),
    ],
)
async def test_a_row_that_cannot_be_read_is_named(told: Any, key: str | None, rule: str, value: str) -> None:
    [broken] = [event for event in await pulled(told) if isinstance(event, Malformed)]

    assert broken == Malformed(GUID, "availability", key and f"{GUID}/{key}", rule, value)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (404, "the restaurant must have published"),
        (b"<html>", "a document must be JSON"),
        ({"a": 1}, "a document must have the documented shape"),
        ([row(restaurantGuid=OTHER)], "restaurantGuid must be the one that was asked about"),
    ],
)
async def test_an_inventory_that_cannot_be_had_fails_its_restaurant(body: Any, rule: str) -> None:
    [failed] = await pulled(body=body)

    assert isinstance(failed, Failed)
    assert (failed.confirms, failed.document, failed.rule) == (GUID, f"{INVENTORY} of {GUID}", rule)
