"""A small merchant to change at will, and what the source reads out of it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.documents import Answer, Documents, Limits, Push, Recorded, listed
from sync.protocol import Checkpoint, Event, Malformed, Record
from sync.settings import SourceSettings
from sync.simulators.http import http_date
from sync.sources.open_delivery.document import read_merchant
from sync.sources.open_delivery.entities import Reading
from sync.sources.open_delivery.ledger import Ledger
from sync.sources.open_delivery.merchant import Wish, rows
from sync.sources.open_delivery.source import OpenDelivery

MERCHANT = "22815773000169-dbc7e35a-c936-4665-9e13-eb55eb8b6824"
NOW = datetime(2025, 10, 8, 12, 0, tzinfo=UTC)
"""A Wednesday."""
ALL_DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
Found = dict[tuple[str, str | None], Any]


def period(start: str, end: str) -> dict[str, str]:
    return {"startTime": f"{start}:00.000Z", "endTime": f"{end}:00.000Z"}


def hours(start: str, end: str, *days: str) -> dict[str, Any]:
    return {"dayOfWeek": list(days or ALL_DAYS), "timePeriods": period(start, end)}


def price(value: Any, original: Any = None, currency: Any = "BRL") -> dict[str, Any]:
    return {"value": value, "originalValue": value if original is None else original, "currency": currency}


def service(name: str, kind: str, *weekly: dict[str, Any], **other: Any) -> dict[str, Any]:
    taken = {"id": f"{name}-hours", "weekHours": list(weekly) or [hours("14:00", "22:00")]}
    return {"id": name, "status": "AVAILABLE", "serviceType": kind, "menuId": "menu", "serviceHours": taken, **other}


DOCUMENT: dict[str, Any] = {
    "lastUpdate": "2025-10-08T11:00:00.000Z",
    "TTL": 600,
    "id": MERCHANT,
    "status": "AVAILABLE",
    "basicInfo": {
        "name": "Pizza Plaza",
        "minOrderValue": {"value": 20, "currency": "BRL"},
        "address": {"street": "Plaza Avenue", "number": "100", "city": "São Paulo", "country": "BR"},
    },
    "services": [service("delivery", "DELIVERY"), service("takeout", "TAKEOUT")],
    "menus": [{"id": "menu", "name": "Pizzas", "externalCode": "1", "categoryId": ["salted", "sweet"]}],
    "categories": [
        {"id": "salted", "index": 1, "name": "Salted", "status": "AVAILABLE", "itemOfferId": ["large", "small"]},
        {"id": "sweet", "index": 0, "name": "Sweet", "status": "AVAILABLE", "itemOfferId": ["banana"]},
    ],
    "items": [
        {"id": "pizza", "name": "Pizza", "description": "With cheese.", "unit": "UN"},
        {"id": "dessert", "name": "Banana pizza", "description": "With cream.", "unit": "UN"},
        {"id": "crust", "name": "Stuffed crust", "description": "", "unit": "UN"},
        {"id": "cheese", "name": "Extra cheese", "description": "", "unit": "UN"},
    ],
    "itemOffers": [
        {"id": "large", "itemId": "pizza", "index": 0, "price": price(43, 50), "optionGroupsId": ["extras"]},
        {"id": "small", "itemId": "pizza", "index": 1, "price": price(30)},
        {"id": "banana", "itemId": "dessert", "index": 0, "price": price(25), "availabilityId": ["evening"]},
    ],
    "optionGroups": [
        {
            "id": "extras",
            "index": 0,
            "name": "Extras",
            "status": "AVAILABLE",
            "minPermitted": 0,
            "maxPermitted": 2,
            "options": [
                {"id": "with-crust", "itemId": "crust", "index": 1, "price": price(8)},
                {"id": "with-cheese", "itemId": "cheese", "index": 0, "price": price(5.5)},
            ],
        }
    ],
    "availabilities": [{"id": "evening", "hours": [hours("18:00", "22:00")]}],
}


def merchant(**changes: Any) -> dict[str, Any]:
    """The document, with some of its fields replaced."""
    return {**deepcopy(DOCUMENT), **changes}


def changed(listed_as: str, name: str, /, **fields: Any) -> dict[str, Any]:
    """The document with fields of one entity replaced; ``...`` takes a field away."""
    found = merchant()
    entity = next(one for one in found[listed_as] if one["id"] == name)
    entity.update(fields)
    for field in [field for field, value in fields.items() if value is ...]:
        del entity[field]
    return found


def entity(listed_as: str, name: str, /, **fields: Any) -> dict[str, Any]:
    """One entity of the document, with some of its fields replaced."""
    found = changed(listed_as, name, **fields)
    return next(one for one in found[listed_as] if one["id"] == fields.get("id", name))


def read(document: dict[str, Any], **reading: str) -> Found:
    """Payload, or rule and value, by kind and key of the rows of a document."""
    content = read_merchant(json.dumps(document).encode())
    wish = Wish("v1/merchant", None, Reading(**reading))
    return said(list(rows(content, Ledger(content, None, NOW, None), wish)))


def said(events: list[Any]) -> Found:
    """The rows among events."""
    found: Found = {}
    for event in events:
        if isinstance(event, Record):
            found[event.kind, event.key] = event.payload
        elif isinstance(event, Malformed):
            found[event.kind, event.key] = (event.rule, event.value)
    return found


def refused(found: Found) -> Found:
    return {name: value for name, value in found.items() if isinstance(value, tuple)}


def answer(document: Any, status: int = 200, *, etag: str = '"1"', date: datetime = NOW) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"etag": etag, "date": http_date(date), "content-type": "application/json"}
    return Answer(status, headers, body if status == 200 else b"")


def push(body: Any, at: datetime = NOW) -> Push:
    return Push(f"{at}", body if isinstance(body, bytes) else json.dumps(body).encode(), at)


async def pull(
    *answers: Answer,
    cursor: dict[str, Any] | None = None,
    pushed: tuple[Push, ...] = (),
    now: datetime = NOW,
    **options: str,
) -> list[Event]:
    """The events of a run to which the supplier answers ``answers``, in turn."""
    source = OpenDelivery(SourceSettings("plaza", "open_delivery", "http://supplier.example", options=options))
    transport = Recorded(listed(("GET v1/merchant", one) for one in answers))
    limits = Limits(attempts=1)
    async with Documents("http://supplier.example", limits, pushed, transport=transport, now=now) as documents:
        return [event async for event in source.pull("merchant", cursor or {}, documents)]


def cursor_after(events: list[Event], cursor: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a run leaves that publishes all of it."""
    after = dict(cursor or {})
    for event in events:
        if isinstance(event, Checkpoint):
            after.update(event.cursor)
    return {key: value for key, value in after.items() if value is not None}


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
