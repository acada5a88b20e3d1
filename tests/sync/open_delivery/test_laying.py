"""Whatever is pushed: what follows is what the document would have said."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol import Malformed, Record, Tombstone
from sync.sources.open_delivery.document import packed, read_merchant, unpacked
from sync.sources.open_delivery.entities import Reading
from sync.sources.open_delivery.ledger import Ledger
from sync.sources.open_delivery.merchant import Wish, differing, rows
from sync.sources.open_delivery.pushes import ENTITIES, laid_over
from tests.sync.open_delivery.merchants import NOW, later, merchant, price, push

NAMES = {
    "service": "services",
    "menu": "menus",
    "category": "categories",
    "item": "items",
    "item_offer": "itemOffers",
    "option_group": "optionGroups",
    "availability": "availabilities",
}
WISH = Wish("v1/merchant", None, Reading())
STATUSES = st.sampled_from(["AVAILABLE", "UNAVAILABLE", "ASLEEP"])
IDS = {listed: [one["id"] for one in merchant()[listed]] for listed in NAMES.values()}
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "status": STATUSES,
    "name": st.sampled_from(["One", "Another"]),
    "index": st.integers(-2, 5),
    "price": st.builds(price, st.sampled_from([1, 2.5, -1, "x"]), currency=st.sampled_from(["BRL", "USD"])),
    "itemId": st.sampled_from([*IDS["items"], "nobody"]),
    "menuId": st.sampled_from([*IDS["menus"], "nothing"]),
    "categoryId": st.none() | st.lists(st.sampled_from([*IDS["categories"], "lost"]), max_size=3),
    "itemOfferId": st.none() | st.lists(st.sampled_from([*IDS["itemOffers"], "gone"]), max_size=3),
    "optionGroupsId": st.none() | st.lists(st.sampled_from([*IDS["optionGroups"], "missing"]), max_size=2),
    "availabilityId": st.none() | st.lists(st.sampled_from([*IDS["availabilities"], "nowhen"]), max_size=2),
    "maxPermitted": st.integers(-1, 3),
    "unit": st.sampled_from(["UN", "KG", "BUSHEL"]),
}


@st.composite
def updates(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A list of the document, and an entity in the place of one there, or beside them."""
    listed = draw(st.sampled_from(sorted(NAMES.values())))
    entity = draw(st.sampled_from(merchant()[listed]))
    taken = draw(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.none(), max_size=4))
    fields = {name: draw(FIELDS[name]) for name in taken}
    name = draw(st.sampled_from([entity["id"], f"new-{entity['id']}"]))
    return listed, {**entity, **fields, "id": name}


def known(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Rows by kind and key, without those that have none."""
    content = read_merchant(json.dumps(document).encode())
    found = rows(content, Ledger(content, "BRL", NOW, None), WISH)
    return {(row.kind, row.key): row for row in found if row.key is not None}


@settings(deadline=None, max_examples=60)
@given(st.lists(updates(), min_size=1, max_size=6))
def test_a_delta_makes_of_the_rows_before_what_the_document_would_say(given_: list[tuple[str, dict[str, Any]]]) -> None:
    types = {listed: name.upper() for name, listed in NAMES.items()}
    document = merchant()
    content = read_merchant(json.dumps(document).encode())
    ledger = Ledger(content, "BRL", NOW, None)
    pushed = [
        push({"entityType": types[listed], "updatedObjects": [entity]}, later(at))
        for at, (listed, entity) in enumerate(given_)
    ]
    laid = laid_over(unpacked(packed(content)), pushed)

    for listed, entity in given_:
        places = [at for at, one in enumerate(document[listed]) if one["id"] == entity["id"]]
        if places:
            document[listed][places[0]] = entity
        else:
            document[listed].append(entity)
    store = {(row.kind, row.key): row for row in rows(content, ledger, WISH)}
    for event in differing(rows(content, ledger, WISH), rows(laid.merchant, ledger, WISH)):
        if isinstance(event, Tombstone):
            del store[event.kind, event.key]
        elif isinstance(event, Record | Malformed):
            store[event.kind, event.key] = event

    assert {name: row for name, row in store.items() if name[1] is not None} == known(document)
    assert laid.refused == []


def test_every_listed_entity_is_drawn() -> None:
    assert {name.upper() for name in NAMES} == set(ENTITIES)
