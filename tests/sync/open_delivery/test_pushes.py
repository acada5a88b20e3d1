"""Updates that are pushed: laid over the document, published as what differs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Tombstone
from sync.sources.open_delivery.pushes import ENTITIES, SPECIAL
from tests.sync.open_delivery.merchants import (
    DOCUMENT,
    MERCHANT,
    answer,
    cursor_after,
    entity,
    later,
    merchant,
    price,
    pull,
    push,
    said,
)


async def had() -> dict[str, Any]:
    """The cursor after the document was had."""
    return cursor_after(await pull(answer(merchant())))


async def pushed(*bodies: Any, at: float = 60) -> list[Event]:
    """What follows from updates that come a minute after the document."""
    return await pull(cursor=await had(), pushed=tuple(push(body, later(at)) for body in bodies), now=later(at + 1))


def update(entity_type: str, *objects: Any) -> dict[str, Any]:
    return {"entityType": entity_type, "updatedObjects": list(objects)}


def rows_of(events: list[Event]) -> list[tuple[str, str, str | None]]:
    return [
        (type(event).__name__, event.kind, event.key)
        for event in events
        if isinstance(event, Record | Malformed | Tombstone)
    ]


async def test_a_price_that_is_pushed_is_one_row_of_a_delta() -> None:
    events = await pushed(update("ITEM_OFFER", entity("itemOffers", "small", price=price(31))))

    assert rows_of(events) == [("Record", "offer", "itemOffer/small")]
    assert said(events)["offer", "itemOffer/small"].amount == Decimal(31)
    assert [event for event in events if isinstance(event, Begin | End)] == [
        Begin("merchant", Mode.DELTA, MERCHANT, confirms=MERCHANT),
        End(MERCHANT, complete=False),
    ]


@pytest.mark.parametrize(
    ("entity_type", "sent", "expected"),
    [
        ("ITEM", entity("items", "crust", name="Crust"), [("Record", "item", "option/extras/with-crust")]),
        (
            "ITEM",
            entity("items", "pizza", status="UNAVAILABLE"),
            [("Record", "availability", "itemOffer/large"), ("Record", "availability", "itemOffer/small")],
        ),
        (
            "CATEGORY",
            entity("categories", "sweet", name="Dessert"),
            [("Record", "section", "delivery/sweet"), ("Record", "section", "takeout/sweet")],
        ),
        (
            "MENU",
            entity("menus", "menu", name="Menu"),
            [("Record", "menu", "delivery"), ("Record", "menu", "takeout")],
        ),
        (
            "SERVICE",
            entity("services", "takeout", status="UNAVAILABLE"),
            [("Record", "menu", "takeout")],
        ),
        (
            "OPTION_GROUP",
            entity("optionGroups", "extras", maxPermitted=3),
            [("Record", "option_group", "extras")],
        ),
        (
            "OPTION",
            {"id": "with-cheese", "itemId": "cheese", "index": 0, "price": price(6)},
            [("Record", "offer", "option/extras/with-cheese")],
        ),
        (
            "AVAILABILITY",
            {**DOCUMENT["availabilities"][0], "endDate": "2026-01-01"},
            [("Record", "schedule", "availability/evening")],
        ),
        (
            "BASIC_INFO",
            {**DOCUMENT["basicInfo"], "name": "Plaza"},
            [("Record", "location", MERCHANT)],
        ),
        ("MERCHANT", merchant(status="UNAVAILABLE"), [("Record", "location", MERCHANT)]),
    ],
)
async def test_every_entity_type_changes_the_rows_that_hang_on_it(
    entity_type: str, sent: Any, expected: list[tuple[str, str, str]]
) -> None:
    assert rows_of(await pushed(update(entity_type, sent))) == expected


def test_every_entity_type_of_the_specification_is_known() -> None:
    assert {*ENTITIES, *SPECIAL} == {
        *("MERCHANT", "BASIC_INFO", "SERVICE", "MENU", "CATEGORY", "ITEM", "ITEM_OFFER", "OPTION_GROUP", "OPTION"),
        "AVAILABILITY",
    }


async def test_a_status_alone_opens_or_closes_the_merchant() -> None:
    events = await pushed({"merchantStatus": "UNAVAILABLE"})

    assert rows_of(events) == [("Record", "location", MERCHANT)]
    assert said(events)["location", MERCHANT].accepting is False


async def test_status_and_objects_may_come_together() -> None:
    both = {"merchantStatus": "UNAVAILABLE", **update("ITEM", entity("items", "crust", name="Crust"))}

    assert rows_of(await pushed(both)) == [
        ("Record", "location", MERCHANT),
        ("Record", "item", "option/extras/with-crust"),
    ]


async def test_something_new_is_added_with_all_that_links_to_it() -> None:
    events = await pushed(
        update("ITEM", {"id": "cola", "name": "Cola"}),
        update("ITEM_OFFER", {"id": "drink", "itemId": "cola", "index": 5, "price": price(6)}),
        update("CATEGORY", entity("categories", "sweet", itemOfferId=["banana", "drink"])),
    )

    assert rows_of(events) == [
        ("Record", "placement", "delivery/sweet/drink"),
        ("Record", "placement", "takeout/sweet/drink"),
        ("Record", "item", "itemOffer/drink"),
        ("Record", "offer", "itemOffer/drink"),
        ("Record", "availability", "itemOffer/drink"),
    ]


async def test_a_link_that_an_entity_no_longer_has_ends() -> None:
    events = await pushed(
        update("CATEGORY", entity("categories", "salted", itemOfferId=["large"])),
        update("OPTION_GROUP", entity("optionGroups", "extras", options=DOCUMENT["optionGroups"][0]["options"][:1])),
    )

    assert [row for row in rows_of(events) if row[0] == "Tombstone"] == [
        ("Tombstone", "placement", "delivery/salted/small"),
        ("Tombstone", "placement", "takeout/salted/small"),
        ("Tombstone", "item", "option/extras/with-cheese"),
        ("Tombstone", "group_option", "option/extras/with-cheese"),
        ("Tombstone", "availability", "option/extras/with-cheese"),
        ("Tombstone", "offer", "option/extras/with-cheese"),
    ]


async def test_a_merchant_that_lacks_something_deletes_nothing() -> None:
    events = await pushed(update("MERCHANT", merchant(itemOffers=[], items=[], availabilities=[])))

    assert rows_of(events) == []


async def test_an_option_is_found_however_its_id_is_written() -> None:
    document = merchant()
    document["optionGroups"][0]["options"][0]["id"] = "bord\u00e3"
    cursor = cursor_after(await pull(answer(document)))
    body = update("OPTION", {"id": "bord\u00e3", "itemId": "crust", "index": 1, "price": price(9)})

    events = await pull(cursor=cursor, pushed=(push(body, later(60)),), now=later(61))

    assert rows_of(events) == [("Record", "offer", "option/extras/bord\u00e3")]


async def test_updates_count_in_the_order_in_which_they_came() -> None:
    events = await pushed(
        *(update("ITEM_OFFER", entity("itemOffers", "small", price=price(value))) for value in (31, 35, 32))
    )

    assert said(events)["offer", "itemOffer/small"].amount == Decimal(32)


async def test_an_update_twice_is_an_update_once() -> None:
    body = update("ITEM_OFFER", entity("itemOffers", "small", price=price(31)))
    first = await pushed(body)
    cursor = cursor_after(first, await had())

    again = await pull(cursor=cursor, pushed=(push(body, later(70)),), now=later(71))

    assert rows_of(again) == []


async def test_the_next_update_goes_on_from_the_last() -> None:
    cursor = cursor_after(await pushed(update("ITEM", {"id": "cola", "name": "Cola"})), await had())
    offer = update("ITEM_OFFER", {"id": "drink", "itemId": "cola", "index": 5, "price": price(6)})

    events = await pull(cursor=cursor, pushed=(push(offer, later(90)),), now=later(91))

    assert said(events)["item", "itemOffer/drink"].name == "Cola"


async def test_an_update_older_than_the_document_is_in_it() -> None:
    """The document says that it is an hour old; what came before that it has in it."""
    body = update("ITEM_OFFER", entity("itemOffers", "small", price=price(31)))

    older = await pull(cursor=await had(), pushed=(push(body, later(-3_601)),), now=later(10))
    newer = await pull(cursor=await had(), pushed=(push(body, later(-3_599)),), now=later(10))

    assert older == []
    assert rows_of(newer) == [("Record", "offer", "itemOffer/small")]


async def test_the_documents_age_is_told_by_the_suppliers_own_clock() -> None:
    """Its clock is a day fast: its lastUpdate of 11:00 tomorrow was an hour before it answered, at noon by ours."""
    tomorrow = answer(merchant(lastUpdate="2025-10-09T11:00:00Z"), date=later(86_400))
    body = update("ITEM_OFFER", entity("itemOffers", "small", price=price(31)))

    events = await pull(cursor=cursor_after(await pull(tomorrow)), pushed=(push(body, later(-60)),), now=later(10))

    assert rows_of(events) == [("Record", "offer", "itemOffer/small")]


async def test_updates_since_the_document_are_laid_over_it() -> None:
    body = update("ITEM_OFFER", entity("itemOffers", "small", price=price(31)))

    events = await pull(answer(merchant()), pushed=(push(body, later(-60)), push(b"", later(-50))))

    assert said(events)["offer", "itemOffer/small"].amount == Decimal(31)
    assert [event.mode for event in events if isinstance(event, Begin)] == [Mode.SNAPSHOT]
    assert [event.complete for event in events if isinstance(event, End)] == [True]


@pytest.mark.parametrize("body", [b"", {}, b"{}"])
async def test_an_empty_update_asks_for_the_document_before_its_time(body: Any) -> None:
    asked = answer(merchant(status="UNAVAILABLE"), etag='"2"')

    events = await pull(asked, cursor=await had(), pushed=(push(body, later(60)),), now=later(61))

    assert said(events)["location", MERCHANT].accepting is False
    assert [event.document for event in events if isinstance(event, Checkpoint) and event.document] == ["v1/merchant"]


@pytest.mark.parametrize(
    ("body", "kind", "key", "rule"),
    [
        (update("COMBO", {"id": "1"}), "combo", "1", "entityType must be one of SERVICE, MENU, "),
        (update("OPTION", {"id": "unheard-of"}), "option", "unheard-of", "an option must be known in an option group"),
        (update("ITEM", {"id": "pizza"}), "item", "pizza", "an entity must be a readable Item"),
        (update("ITEM", {"name": "Pizza"}), "item", None, "an entity must be a readable Item"),
        (update("ITEM", 3), "item", None, "an entity must be a readable Item"),
        (update("BASIC_INFO", "Plaza"), "basic_info", None, "a BasicInfo must be an object"),
        (update("MERCHANT", {"id": MERCHANT}), "merchant", MERCHANT, "an entity must be a readable Merchant"),
        (update("MERCHANT", merchant(id="other")), "merchant", "other", f"a merchant must be {MERCHANT}"),
        (b"<html>", "update", None, "an update must have the documented shape"),
    ],
)
async def test_what_cannot_be_laid_is_told_and_the_document_is_asked_for(
    body: Any, kind: str, key: str | None, rule: str
) -> None:
    other = update("ITEM", entity("items", "crust", name="Crust"))
    pushes = push(body, later(60)), push(other, later(60))

    events = await pull(answer(merchant(), etag='"2"'), cursor=await had(), pushed=pushes, now=later(61))

    (told,) = (event for event in events if isinstance(event, Malformed))
    assert (told.scope, told.kind, told.key) == ("v1/merchant update", kind, key)
    assert told.rule.startswith(rule)
    assert said(events)["item", "option/extras/with-crust"].name == "Crust"


async def test_while_the_document_cannot_be_had_updates_are_published() -> None:
    pushes = (
        push(b"{}", later(60)),
        push(update("ITEM_OFFER", entity("itemOffers", "small", price=price(31))), later(61)),
    )

    events = await pull(answer(b"", 503), cursor=await had(), pushed=pushes, now=later(62))

    assert [(event.confirms, event.value) for event in events if isinstance(event, Failed)] == [("v1/merchant", "503")]
    assert rows_of(events) == [("Record", "offer", "itemOffer/small")]
    after = cursor_after(events, await had())
    assert [event for event in await pull(answer(merchant()), cursor=after, now=later(63)) if isinstance(event, Begin)]


async def test_a_wish_for_the_document_waits_however_often_it_cannot_be_had() -> None:
    closed, opened = {"merchantStatus": "UNAVAILABLE"}, {"merchantStatus": "AVAILABLE"}
    cursor = await had()

    for pushes in ((push(b"{}", later(60)), push(closed, later(61))), (push(opened, later(62)),)):
        events = await pull(answer(b"", 503), cursor=cursor, pushed=pushes, now=later(63))
        cursor = cursor_after(events, cursor)

    assert [event for event in await pull(answer(merchant()), cursor=cursor, now=later(64)) if isinstance(event, Begin)]


async def test_while_the_document_cannot_be_had_a_wish_for_it_waits() -> None:
    events = await pull(answer(b"", 503), cursor=await had(), pushed=(push(b"{}", later(60)),), now=later(62))

    assert [(event.confirms, event.value) for event in events if isinstance(event, Failed)] == [(None, "503")]
    assert len(events) == 1


async def test_an_update_that_names_nothing_readable_deletes_nothing() -> None:
    broken = json.loads(json.dumps(DOCUMENT["optionGroups"][0]))
    broken["options"] = [{"itemId": "crust"}]

    events = await pushed(update("OPTION_GROUP", broken))

    assert rows_of(events) == [("Malformed", "group_option", None)]
