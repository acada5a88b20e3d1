"""Items become records; what cannot be read is named with its field and value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sync.documents import Documents
from sync.protocol import Begin, End, Failed
from sync.records import AvailabilityRecord, ItemRecord, MenuRecord, OfferRecord
from sync.sources.http_json.source import HttpJson
from tests.sync.http_json.pulling import FAST, events, gone, problems, records, source, stream_of
from tests.sync.http_json.shop import Shop

ITEM = """
[[d.records]]
kind = "item"
key = "id"
when = "active != `false`"
version = "rev"
[d.records.fields]
name = "title"
language = "'de'"
location = "store"
description = "about"
labels = "labels"
translations = { en = { name = "en.title", description = "en.about" } }
"""
OFFERS = """
[[d.records]]
kind = "offer"
key = "key(item().id, size)"
each = "sizes"
[d.records.fields]
item = "item().id"
currency = "document().currency"
amount = "price"
per_unit = "size"
"""


async def pulled(shop: Shop, items: list[Any], declared: str = ITEM, **document: Any) -> list[Any]:
    shop.documents["things"] = {"data": items, **document}
    return await events(source(shop.url, stream_of(f"[[d]]\npath = 'things'\nitems = 'data'\n{declared}")))


async def test_an_item_becomes_a_struct_of_the_vocabulary(shop: Shop) -> None:
    said = {"id": 7, "title": "Brot", "store": 3, "labels": ["a"], "en": {"title": "Bread", "about": None}, "rev": 12}

    found = await pulled(shop, [said])

    [record] = [event for event in found if not isinstance(event, Begin) and getattr(event, "key", None)]
    assert record.key == "7"
    assert record.version == "12"
    assert record.payload == ItemRecord(
        name="Brot", language="de", location="3", labels=("a",), translations={"en": {"name": "Bread"}}
    )


async def test_elements_of_an_item_become_records_of_their_own(shop: Shop) -> None:
    item = {"id": 7, "title": "Brot", "sizes": [{"size": "1 kg", "price": 4.10}, {"size": "500 g", "price": "2.30"}]}

    found = await pulled(shop, [item, {"id": 8, "title": "Ohne"}], OFFERS, currency="EUR")

    assert records(found) == {
        "7/1 kg": OfferRecord(item="7", currency="EUR", amount=Decimal("4.10"), per_unit="1 kg"),
        "7/500 g": OfferRecord(item="7", currency="EUR", amount=Decimal("2.30"), per_unit="500 g"),
    }


async def test_an_item_that_does_not_count_is_no_record(shop: Shop) -> None:
    found = await pulled(shop, [{"id": 1, "title": "a", "active": False}, {"id": 2, "title": "b"}])

    assert (list(records(found)), problems(found)) == (["2"], [])


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"id": 1}, ("item", "1", "name must be given", "title is null")),
        ({"id": 1, "title": 5}, ("item", "1", "name must have its documented type: expected str, got int", "5")),
        (
            {"id": 1, "title": "a", "labels": ["x", 3]},
            ("item", "1", "labels[1] must have its documented type: expected str, got int", "3"),
        ),
        ({"id": 1, "title": "a", "store": 1.5}, ("item", "1", "location must be the key of another record", "1.5")),
        ({"title": "a"}, ("item", None, "id must be a text or a whole number", "None")),
        ({"id": True, "title": "a"}, ("item", None, "id must be a text or a whole number", "True")),
        ({"id": "", "title": "a"}, ("item", None, "id must be a text or a whole number", "''")),
        ("text", ("item", None, "id must be a text or a whole number", "None")),
    ],
)
async def test_what_cannot_be_read_is_named(shop: Shop, item: Any, problem: tuple[Any, ...]) -> None:
    found = await pulled(shop, [item, {"id": 2, "title": "b"}])

    assert problems(found) == [problem]
    assert list(records(found)) == ["2"]


@pytest.mark.parametrize(
    ("sizes", "problem"),
    [
        ("big", ("offer", None, "sizes must be a list", "'big'")),
        (
            [{"size": "s", "price": "free"}],
            ("offer", "7/s", "amount must have its documented type: invalid decimal string", "'free'"),
        ),
    ],
)
async def test_elements_that_cannot_be_read_are_named(shop: Shop, sizes: Any, problem: tuple[Any, ...]) -> None:
    found = await pulled(shop, [{"id": 7, "sizes": sizes}], OFFERS, currency="EUR")

    assert problems(found) == [problem]


async def test_literals_are_meant_as_they_stand(shop: Shop) -> None:
    menu = """
    [[d.records]]
    kind = "menu"
    key = "'today'"
    [d.records.fields]
    location = "'here'"
    name = "title"
    channel = "'PICKUP'"
    service_date = 2026-03-04
    """

    found = await pulled(shop, [{"title": "Mittag"}], menu)

    assert records(found) == {
        "today": MenuRecord(location="here", name="Mittag", channel="PICKUP", service_date=date(2026, 3, 4))
    }


async def test_positions_count_over_all_pages(shop: Shop) -> None:
    shop.pages("things", [{"id": key} for key in "abc"])
    placement = """
    [[d]]
    path = "things"
    items = "data"
    paging = { kind = "link" }
    [[d.records]]
    kind = "placement"
    key = "id"
    [d.records.fields]
    section = "'all'"
    item = "id"
    position = "position()"
    """

    found = await events(source(shop.url, stream_of(placement)))

    assert {key: payload.position for key, payload in records(found).items()} == {"a": 0, "b": 1, "c": 2}


DELTA = """
[[d]]
path = "changes"
items = "objects"
since = { parameter = "after", value = "latest", first = "1970" }
[[d.records]]
kind = "item"
key = "id"
gone = "deleted"
when = "on_sale"
[d.records.fields]
name = "title"
language = "'de'"
"""


async def test_a_delta_tells_what_is_gone_and_goes_on_where_it_ended(shop: Shop) -> None:
    settings = source(shop.url, stream_of(DELTA, 'mode = "delta"'))
    shop.documents["changes"] = {
        "objects": [
            {"id": 1, "title": "a", "on_sale": True},
            {"id": 2, "deleted": True, "on_sale": True},
            {"id": 3, "title": "c", "on_sale": False},
        ],
        "latest": "2026-03-04",
    }

    found = await events(settings)
    cursor = {key: value for event in found for key, value in getattr(event, "cursor", {}).items()}
    await events(settings, cursor)

    assert list(records(found)) == ["1"]
    assert gone(found) == [("item", "2"), ("item", "3")]
    assert shop.asked == ["changes?after=1970", "changes?after=2026-03-04"]


async def test_a_delta_that_is_read_in_another_way_begins_again(shop: Shop) -> None:
    shop.documents["changes"] = {"objects": [], "latest": 5}
    found = await events(source(shop.url, stream_of(DELTA, 'mode = "delta"')))
    cursor = {key: value for event in found for key, value in getattr(event, "cursor", {}).items()}

    await events(source(shop.url, stream_of(DELTA.replace('"title"', '"name"'), 'mode = "delta"')), cursor)

    assert shop.asked == ["changes?after=1970", "changes?after=1970"]


@pytest.mark.parametrize(("keep", "value"), [("last", 3), ("first", 5), ("greatest", 9)])
async def test_of_several_pages_the_one_that_is_declared_counts(shop: Shop, keep: str, value: int) -> None:
    latest = {"": 5, "2": 9, "3": 3}
    shop.documents["changes"] = lambda exchange: {
        "objects": [{"id": exchange.query.get("page", "1"), "title": "a", "on_sale": True}],
        "latest": latest[exchange.query.get("page", "")],
        "next": {"": "2", "2": "3"}.get(exchange.query.get("page", "")),
    }
    paged = DELTA.replace('first = "1970"', f'keep = "{keep}"').replace(
        "since", "paging = { kind = 'cursor', next = 'next', parameter = 'page' }\nsince"
    )

    found = await events(source(shop.url, stream_of(paged, 'mode = "delta"')))

    [entry] = [
        one for event in found for key, one in getattr(event, "cursor", {}).items() if key == "since/document-0/changes"
    ]
    assert entry["value"] == value


async def test_a_document_for_each_item_of_another(shop: Shop) -> None:
    shop.documents |= {
        "stores": [{"id": "a/b", "vat": 1}, {"id": 2, "vat": 2}, {"id": 3, "vat": 3}],
        "stores/a/b/stock": {"out": [{"sku": "x"}]},
        "stores/2/stock": {"out": []},
    }
    stock = """
    [[d]]
    name = "stores"
    path = "stores"
    [[d]]
    parent = "stores"
    path = "stores/{id}/stock"
    items = "out"
    confirms = "to_string(parent().id)"
    [[d.records]]
    kind = "availability"
    key = "key(parent().id, sku)"
    [d.records.fields]
    state = "'SOLD_OUT'"
    """

    settings = source(shop.url, stream_of(stock, 'mode = "sparse"').replace("'menu', 'price'", "'availability'"))
    found = await events(settings)

    assert records(found) == {"a%2Fb/x": AvailabilityRecord(state="SOLD_OUT")}
    assert [event.scope for event in found if isinstance(event, Begin)] == ["a/b", "2"]
    assert [(event.scope, event.complete) for event in found if isinstance(event, End)] == [("a/b", True), ("2", True)]
    assert [event.confirms for event in found if isinstance(event, Failed)] == ["3"]
    assert "stores/a%2Fb/stock" in shop.asked


async def test_what_nobody_reads_is_told(shop: Shop) -> None:
    shop.documents["things"] = {"data": [{"id": 1, "title": "a", "image": "x", "en": {}}, {"id": 2, "weight": 3}]}
    settings = source(shop.url, stream_of(f"[[d]]\npath = 'things'\nitems = 'data'\n{ITEM}"))
    reader = HttpJson(settings)

    async with Documents(shop.url, FAST) as documents:
        async for _ in reader.pull("goods", {}, documents):
            pass

    assert reader.unread == {"document-0": {"image", "weight"}}
