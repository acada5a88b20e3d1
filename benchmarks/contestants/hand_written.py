"""What a careful engineer would write by hand for exactly these operations: SQL a level, dicts, orjson."""

from __future__ import annotations

import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from benchmarks.contestants import hand_sql as sql
from benchmarks.operations import Variables
from loaders.cursors import decode_cursor
from resolvers.locations import locations_by_name

NO_LOCATION = b'{"data":{"location":null}}'
MARK = locations_by_name.fingerprint({})
UNCONFIRMED = {"state": "UNKNOWN", "until": None, "freshness": {"status": "NEVER", "confirmedAt": None}}


class Rows(Protocol):
    """Runs one statement and gives its rows."""

    async def __call__(self, statement: str, /, *values: Any) -> Sequence[Any]: ...


async def storefront(rows: Rows, variables: Variables) -> bytes:
    """Operation A."""
    found = await rows(sql.LOCATION, variables["slug"])
    if not found:
        return NO_LOCATION
    (
        instant, key, node, slug, name, address, timezone, currency, accepting, paused_until, held, confirmed, fresh,
        stale, source,
    ) = found[0]  # fmt: skip
    location: dict[str, Any] = {
        "id": global_id(b"Location:", node),
        "slug": slug,
        "name": name,
        "address": address,
        "timezone": timezone,
        "currency": currency,
        "accepting": accepting,
        "pausedUntil": paused_until,
        "freshness": {**freshness(instant, held or confirmed, fresh, stale), "source": source},
        "menus": [],
    }
    sections = await menus_and_sections(rows, location["menus"], key, timezone, dated=True)
    by_id: dict[int, Any] = {}
    for section, item_id, node, name, description, media, allergens, diets, labels in await rows(
        sql.ITEMS, list(sections)
    ):
        item = by_id.get(item_id)
        if item is None:
            item = by_id[item_id] = {
                "id": global_id(b"Item:", node),
                "name": name,
                "description": description,
                "media": media,
                "allergens": allergens,
                "diets": diets,
                "labels": labels,
                "prices": [],
                "availability": UNCONFIRMED,
            }
        sections[section].append(item)
    item_ids = list(by_id)
    for item_id, audience, amount, currency, unit_amount, unit in await rows(sql.OFFERS, item_ids):
        by_id[item_id]["prices"].append(
            {
                "audience": audience,
                "money": money(amount, currency),
                "perUnit": per_unit(unit_amount, currency, unit),
            }
        )
    await availabilities(rows, by_id, instant, item_ids)
    return orjson.dumps({"data": {"location": location}})


async def listing(rows: Rows, variables: Variables) -> bytes:
    """Operation B."""
    first, after = variables["first"], variables["after"]
    if after is None:
        found = await rows(sql.FIRST_PAGE, first + 1)
    else:
        name, key = decode_cursor(after, MARK, 2)
        found = await rows(sql.NEXT_PAGE, first + 1, name, int(key))
    edges = []
    menus: dict[int, list[Any]] = {}
    for (
        instant, key, node, slug, name, address, accepting, paused_until, held, confirmed, fresh, stale,
    ) in found[:first]:  # fmt: skip
        shown: list[Any] = []
        menus[key] = shown
        edges.append(
            {
                "node": {
                    "id": global_id(b"Location:", node),
                    "slug": slug,
                    "name": name,
                    "address": address,
                    "accepting": accepting,
                    "pausedUntil": paused_until,
                    "freshness": {"status": status(instant, held or confirmed, fresh, stale)},
                    "menus": shown,
                }
            }
        )
    sections: dict[int, list[Any]] = {}
    for location, key, node, name, channel, day in await rows(sql.MENUS_OF_MANY, list(menus)):
        headings: list[Any] = []
        sections[key] = headings
        menus[location].append(
            {
                "id": global_id(b"Menu:", node),
                "name": name,
                "channel": channel,
                "serviceDate": day,
                "sections": headings,
            }
        )
    for menu, node, name, position in await rows(sql.POSITIONED_SECTIONS, list(sections)):
        sections[menu].append({"id": global_id(b"Section:", node), "name": name, "position": position})
    page = {"edges": edges, "pageInfo": {"hasNextPage": len(found) > first}}
    return orjson.dumps({"data": {"locations": page}})


async def price_check(rows: Rows, variables: Variables) -> bytes:
    """Operation C."""
    nodes = [item_node(text) for text in variables["ids"]]
    prices: dict[int, list[Any]] = {}
    items = {}
    for key, node, name in await rows(sql.CHECKED_ITEMS, [node for node in nodes if node]):
        shown: list[Any] = []
        prices[key] = shown
        items[node] = {"id": global_id(b"Item:", node), "name": name, "prices": shown}
    for (
        instant, key, node, audience, tax_mode, valid_until, amount, original, currency, unit_amount, unit, held,
        confirmed, fresh, stale,
    ) in await rows(sql.CHECKED_OFFERS, list(prices)):  # fmt: skip
        prices[key].append(
            {
                "id": global_id(b"Price:", node),
                "audience": audience,
                "taxMode": tax_mode,
                "validUntil": valid_until,
                "money": money(amount, currency),
                "original": money(original, currency),
                "perUnit": per_unit(unit_amount, currency, unit),
                "freshness": freshness(instant, held or confirmed, fresh, stale),
            }
        )
    return orjson.dumps({"data": {"items": [items.get(node) for node in nodes]}})


async def long_list(rows: Rows, variables: Variables) -> bytes:
    """Operation D."""
    found = await rows(sql.LOCATION_NAME, variables["slug"])
    if not found:
        return NO_LOCATION
    key, node, name, timezone = found[0]
    location: dict[str, Any] = {"id": global_id(b"Location:", node), "name": name, "menus": []}
    sections = await menus_and_sections(rows, location["menus"], key, timezone, dated=False)
    for section, node, name, description, media, allergens, labels in await rows(sql.LISTED_ITEMS, list(sections)):
        sections[section].append(
            {
                "id": global_id(b"Item:", node),
                "name": name,
                "description": description,
                "media": media,
                "allergens": allergens,
                "labels": labels,
            }
        )
    return orjson.dumps({"data": {"location": location}})


async def menus_and_sections(
    rows: Rows, menus: list[Any], location: int, timezone: str, *, dated: bool
) -> dict[int, list[Any]]:
    """Append the location's menus to ``menus``. Returns: the list of items of every section, by its id."""
    sections: dict[int, list[Any]] = {}
    by_id: dict[int, list[Any]] = {}
    for key, node, name, channel, day in await rows(sql.MENUS, location, timezone):
        shown: list[Any] = []
        by_id[key] = shown
        menu = {"id": global_id(b"Menu:", node), "name": name}
        if dated:
            menu |= {"channel": channel, "serviceDate": day}
        menu["sections"] = shown
        menus.append(menu)
    for menu_id, key, node, name in await rows(sql.SECTIONS, list(by_id)):
        sections[key] = []
        by_id[menu_id].append({"id": global_id(b"Section:", node), "name": name, "items": sections[key]})
    return sections


async def availabilities(rows: Rows, items: Mapping[int, Any], instant: datetime, item_ids: list[int]) -> None:
    """Give every item its availability. An age is worked out once a confirmation, not once an item."""
    found = await rows(sql.AVAILABILITIES, item_ids)
    confirmations = {
        key: (fresh, stale, freshness(instant, confirmed, fresh, stale))
        for key, confirmed, fresh, stale in await rows(sql.CONFIRMATIONS, list({row[4] for row in found}))
    }
    for item_id, state, until, held, confirmation in found:
        item = items[item_id]
        if item["availability"] is not UNCONFIRMED:
            continue
        fresh, stale, age = confirmations.get(confirmation, (None, None, UNCONFIRMED["freshness"]))
        if held is not None:
            age = freshness(instant, held, fresh, stale)
        ended = until is not None and until <= instant
        if age["status"] in {"EXPIRED", "NEVER"} or (ended and state == "AVAILABLE"):
            believed = "UNKNOWN"
        else:
            believed = "AVAILABLE" if ended else state
        item["availability"] = {"state": believed, "until": None if ended else until, "freshness": age}


def global_id(kind: bytes, node: str) -> str:
    """The global id of a row. The alphabets of base64 and base64url give the same text for these characters."""
    return binascii.b2a_base64(kind + node.encode(), newline=False).rstrip(b"=").decode()


def item_node(text: str) -> str | None:
    """The UUID in an item's global id."""
    try:
        found = binascii.a2b_base64(text + "==").decode()
    except ValueError:
        return None
    return found[5:] if found.startswith("Item:") else None


def money(amount: str | None, currency: str) -> Any:
    return None if amount is None else {"amount": amount, "currency": currency}


def per_unit(amount: str | None, currency: str, unit: str | None) -> Any:
    return None if amount is None else {"money": {"amount": amount, "currency": currency}, "unit": unit}


def freshness(instant: datetime, at: datetime | None, fresh: int | None, stale: int | None) -> dict[str, Any]:
    return {"status": status(instant, at, fresh, stale), "confirmedAt": at}


def status(instant: datetime, at: datetime | None, fresh: int | None, stale: int | None) -> str:
    if at is None or fresh is None or stale is None:
        return "NEVER"
    age = (instant - at).total_seconds()
    return "FRESH" if age <= fresh else "STALE" if age <= stale else "EXPIRED"


ANSWERS: dict[str, Callable[[Rows, Variables], Awaitable[bytes]]] = {
    "A": storefront,
    "B": listing,
    "C": price_check,
    "D": long_list,
}
"""How to answer each operation, by its key."""
