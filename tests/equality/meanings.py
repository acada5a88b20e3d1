"""What the fields of the shipped schema mean, written from their descriptions, over model instances."""

from __future__ import annotations

from collections.abc import Mapping

from schema import enums
from tests.equality.ages import availability, freshness, sources
from tests.equality.catalogue import (
    children,
    item_sections,
    location,
    locations,
    menu_sections,
    menus,
    money,
    of_kind,
    per_unit,
    price,
    prices,
    search,
    section_items,
    translated,
)
from tests.equality.plain import Meaning, Tables, matches
from tests.equality.rows import KINDS, by_global_id, exact, global_id, moment, one, part, plain

PAGING = {"first": "Int", "after": "String", "last": "Int", "before": "String"}


def connection_of(kind: str) -> dict[str, Meaning]:
    return {
        "edges": part("edges", f"{kind}Edge"),
        "nodes": part("nodes", kind),
        "pageInfo": part("pageInfo", "PageInfo"),
        "totalCount": part("totalCount"),
        "totalCountIsExact": part("totalCountIsExact"),
    }


FRESHNESS = Meaning("Freshness", freshness)
LANGUAGE = {"language": "LanguageCode"}
FIELDS: Mapping[str, Mapping[str, Meaning]] = {
    "Query": {
        "location": Meaning("Location", location, {"slug": "String!"}),
        "locations": Meaning("LocationConnection", locations, PAGING),
        "menu": Meaning("Menu", lambda _, given, world: of_kind("Menu")(given["id"], world), {"id": "ID!"}),
        "items": Meaning(
            "Item",
            lambda _, given, world: [of_kind("Item")(text, world) for text in given["ids"]],
            {"ids": "[ID!]!"},
        ),
        "search": Meaning("ItemConnection", search, {"text": "String!", "location": "String", **PAGING}),
        "node": Meaning("Node", lambda _, given, world: by_global_id(given["id"], KINDS, world), {"id": "ID!"}),
        "nodes": Meaning(
            "Node",
            lambda _, given, world: [by_global_id(text, KINDS, world) for text in given["ids"]],
            {"ids": "[ID!]!"},
        ),
        "freshness": Meaning("SourceFreshness", sources),
    },
    "Location": {
        "id": Meaning(None, global_id("Location")),
        "slug": plain("slug"),
        "name": plain("name"),
        "address": plain("address"),
        "latitude": Meaning(None, exact("latitude")),
        "longitude": Meaning(None, exact("longitude")),
        "timezone": plain("timezone"),
        "currency": plain("currency"),
        "accepting": plain("accepting"),
        "pausedUntil": Meaning(None, moment("paused_until")),
        "menus": Meaning("Menu", menus, {"from": "Date", "to": "Date", "channel": "Channel"}),
        "freshness": FRESHNESS,
    },
    "Menu": {
        "id": Meaning(None, global_id("Menu")),
        "name": plain("name"),
        "channel": plain("channel"),
        "serviceDate": Meaning(None, moment("service_date")),
        "location": Meaning("Location", one("location")),
        "sections": Meaning("Section", menu_sections),
        "freshness": FRESHNESS,
    },
    "Section": {
        "id": Meaning(None, global_id("Section")),
        "name": plain("name"),
        "position": plain("position"),
        "menu": Meaning("Menu", one("menu")),
        "parent": Meaning("Section", one("parent")),
        "children": Meaning("Section", children),
        "items": Meaning("Item", section_items),
    },
    "Item": {
        "id": Meaning(None, global_id("Item")),
        "name": Meaning(None, translated("name"), LANGUAGE),
        "description": Meaning(None, translated("description"), LANGUAGE),
        "language": plain("language"),
        "media": plain("media"),
        "allergens": plain("allergens"),
        "diets": plain("diets"),
        "labels": plain("labels"),
        "location": Meaning("Location", one("location")),
        "sections": Meaning("Section", item_sections),
        "prices": Meaning("Price", prices, {"audience": "Audience", "channel": "Channel"}),
        "price": Meaning("Price", price, {"channel": "Channel"}),
        "availability": Meaning("Availability", availability, {"channel": "Channel"}),
        "freshness": FRESHNESS,
    },
    "Price": {
        "id": Meaning(None, global_id("Price")),
        "audience": plain("audience"),
        "channel": plain("channel"),
        "money": Meaning("Money", money("amount")),
        "original": Meaning("Money", money("original_amount")),
        "perUnit": Meaning("UnitPrice", per_unit),
        "taxMode": plain("tax_mode"),
        "validFrom": Meaning(None, moment("valid_from")),
        "validUntil": Meaning(None, moment("valid_until")),
        "freshness": FRESHNESS,
    },
    "Availability": {
        **{name: part(name) for name in ("state", "until", "quantity", "reason")},
        "freshness": Meaning("Freshness", lambda made, _, world: freshness(made["freshness"], {}, world)),
    },
    "Money": {name: part(name) for name in ("amount", "currency")},
    "UnitPrice": {"money": part("money", "Money"), "unit": part("unit")},
    "Freshness": {name: part(name) for name in ("status", "asOf", "confirmedAt", "source")},
    "SourceFreshness": {
        name: part(name)
        for name in (
            "source",
            "concern",
            "status",
            "confirmedAt",
            "asOf",
            "locations",
            "freshForSeconds",
            "staleForSeconds",
        )
    },
    "LocationConnection": connection_of("Location"),
    "ItemConnection": connection_of("Item"),
    "LocationEdge": {"cursor": part("cursor"), "node": part("node", "Location")},
    "ItemEdge": {"cursor": part("cursor"), "node": part("node", "Item")},
    "PageInfo": {name: part(name) for name in ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")},
}
TABLES = Tables(
    FIELDS,
    {kind: {"Node"} for kind in KINDS},
    {
        "ID": lambda value: isinstance(value, str | int) and not isinstance(value, bool),
        "String": lambda value: isinstance(value, str),
        "Boolean": lambda value: isinstance(value, bool),
        "Int": lambda value: isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31,
        "Date": matches(r"\d{4}-\d{2}-\d{2}"),
        "LanguageCode": matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
        "Channel": lambda value: value in enums.Channel.__members__,
        "Audience": lambda value: value in enums.Audience.__members__,
    },
)
