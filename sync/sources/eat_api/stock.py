"""The stream ``stock``: which dishes ran out, out of ``/stock.json``. What is not listed there is available.

It is asked for in full each time: the dishes that it is silent about change with the menu, not with the document.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from sync.documents import Documents, Wanted
from sync.errors import DocumentRefused
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Unchanged
from sync.records import AvailabilityRecord
from sync.sources.eat_api import canteens
from sync.sources.eat_api.canteens import list_canteens
from sync.sources.eat_api.shapes import Stock, Unreadable, read_as, read_entries, read_entry

STREAM = "stock"
DOCUMENT = "stock.json"


async def pull_stock(documents: Documents, cursor: dict[str, Any]) -> AsyncGenerator[Event, None]:
    """One sparse scope per canteen that the supplier lists."""
    asked = canteens.DOCUMENT
    try:
        listing = await list_canteens(documents, cursor)
        asked = DOCUMENT
        answer = await documents.get(Wanted(DOCUMENT))
        entries = by_canteen(stock_events(answer.body), listing.entries)
    except DocumentRefused as exc:
        yield Failed(None, asked, exc.rule, exc.value)
        return
    told_at = answer.told_at or datetime.now(UTC)
    yield listing.checkpoint
    yield Checkpoint(DOCUMENT, {}, document=DOCUMENT)
    for canteen in listing.entries:
        if listing.unchanged:
            yield Unchanged(canteen, canteens.DOCUMENT, told_at)
        yield Begin(STREAM, Mode.SPARSE, canteen, confirms=canteen)
        for event in entries.pop(canteen, []):
            yield event
        yield End(canteen, complete=True, as_of=told_at)
    for event in itertools.chain.from_iterable(entries.values()):
        yield event


def by_canteen(events: list[Record | Malformed], listed: dict[str, Any]) -> dict[str, list[Record | Malformed]]:
    """The entries by canteen. One of a canteen that is not listed only gets reported."""
    found: dict[str, list[Record | Malformed]] = defaultdict(list)
    for event in events:
        scope, kind = event.scope, AvailabilityRecord.kind
        stranger = Malformed(scope, kind, event.key, "canteen_id must be listed", scope)
        found[scope].append(event if scope in listed else stranger)
    return found


def stock_events(body: bytes | None) -> list[Record | Malformed]:
    """The entries of the document. Raises ``DocumentRefused``."""
    if body is None:
        raise DocumentRefused("the stock must exist", "404")
    return [read_stock(raw) for raw in read_entries(body)]


def read_stock(raw: Any) -> Record | Malformed:
    """One entry. Raises ``DocumentRefused`` when nobody can tell whose it is."""
    entry: dict[str, Any] = {}
    try:
        entry = read_entry(raw)
        stock = read_as(entry, Stock)
    except Unreadable as exc:
        canteen, day, name = (entry.get(part) for part in ("canteen_id", "date", "name"))
        if not isinstance(canteen, str):
            raise DocumentRefused("an entry of the stock must name its canteen", exc.value) from exc
        key = f"{canteen}/{day}/{name}" if isinstance(day, str) and isinstance(name, str) else None
        return Malformed(canteen, AvailabilityRecord.kind, key, exc.rule, exc.value)
    record = AvailabilityRecord(state=stock.state, until=stock.until, quantity=stock.quantity)
    return Record(stock.canteen_id, f"{stock.canteen_id}/{stock.date}/{stock.name}", record)
