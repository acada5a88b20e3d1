"""The stream ``stock``: what ran out or is scarce (Stock V1, ``/inventory``). What is not listed is in stock."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from sync.documents import Document, Documents
from sync.errors import DocumentRefused
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record
from sync.records import AvailabilityRecord
from sync.sources.toast.asking import ask, asked
from sync.sources.toast.menus import left
from sync.sources.toast.options import Options, Restaurant
from sync.sources.toast.shapes import Unreadable, guid_of, number, of_restaurant, read_answer, thing, word

STREAM = "stock"
INVENTORY = "stock/v1/inventory"
STATUSES = ("OUT_OF_STOCK", "QUANTITY", "IN_STOCK")


async def pull_stock(options: Options, documents: Documents, cursor: dict[str, Any]) -> AsyncGenerator[Event, None]:
    """One sparse scope per restaurant, asked for in full each time: what it is silent about changes with the menus."""
    for event in left(STREAM, options, cursor):
        yield event
    async for restaurant, answer in ask(documents, INVENTORY, options.restaurants):
        for event in stock_events(restaurant, answer):
            yield event


def stock_events(restaurant: Restaurant, answer: Document | DocumentRefused) -> Iterator[Event]:
    """What the inventory of one restaurant says."""
    name, scope = asked(INVENTORY, restaurant), restaurant.guid
    try:
        if isinstance(answer, DocumentRefused):
            raise answer
        rows = [row_event(restaurant, row) for row in read_answer(answer.body, list[Any])]
    except DocumentRefused as exc:
        yield Failed(scope, name, exc.rule, exc.value)
        return
    yield Begin(STREAM, Mode.SPARSE, scope, confirms=scope)
    yield from rows
    yield End(scope, complete=True, as_of=answer.told_at)
    yield Checkpoint(scope, {scope: {"asked": True}}, document=name)


def row_event(restaurant: Restaurant, row: Any) -> Record | Malformed:
    """One row. Raises ``DocumentRefused`` when it is another restaurant's."""
    scope, key = restaurant.guid, None
    try:
        found = thing(row)
        if "restaurantGuid" in found:
            of_restaurant(str(found["restaurantGuid"]), scope)
        key = f"{scope}/{guid_of(found, 'guid' if 'guid' in found else 'itemGuid')}"
        return Record(scope, key, availability(found))
    except Unreadable as why:
        return Malformed(scope, AvailabilityRecord.kind, key, why.rule, why.value)


def availability(row: dict[str, Any]) -> AvailabilityRecord:
    """Whether the item can be had. A quantity that is used up is out of stock. Raises ``Unreadable``."""
    status, quantity = word(row, "status", "nothing"), number(row, "quantity")
    if status not in STATUSES:
        raise Unreadable(f"status must be one of {', '.join(STATUSES)}", status)
    if status == "QUANTITY" and (quantity is None or quantity < 0):
        raise Unreadable("the status QUANTITY must have a quantity of at least 0", quantity)
    if status == "OUT_OF_STOCK" or (status == "QUANTITY" and quantity == 0):
        return AvailabilityRecord(state="SOLD_OUT")
    return AvailabilityRecord(state="AVAILABLE", quantity=quantity if status == "QUANTITY" else None)
