"""What the fields of the shipped schema mean, written from their descriptions, over model instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schema import enums
from tests.equality import hours, options
from tests.equality.ages import availability, freshness, sources, state, until
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
    price_history,
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


def is_instant(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


FRESHNESS = Meaning("Freshness", freshness)
OF_ROW = Meaning("Freshness", lambda made, _, world: freshness(made["row"], {}, world))
LANGUAGE, AT = {"language": "LanguageCode"}, {"at": "DateTime"}
ASKING_PRICE = {"audience": "Audience", "channel": "Channel", "location": "String", **AT}
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
        "pausedUntil": Meaning(None, hours.pause),
        "opening": Meaning("Opening", hours.opening, AT),
        "hours": Meaning("Schedule", hours.hours, AT),
        "itemCount": plain("item_count"),
        "soldOutCount": plain("sold_out_count"),
        "lowestPrice": Meaning("Money", money("lowest_price")),
        "menus": Meaning("Menu", menus, {"from": "Date", "to": "Date", "channel": "Channel", "servedAt": "DateTime"}),
        "freshness": FRESHNESS,
    },
    "Menu": {
        "id": Meaning(None, global_id("Menu")),
        "name": plain("name"),
        "channel": plain("channel"),
        "serviceDate": Meaning(None, moment("service_date")),
        "location": Meaning("Location", one("location")),
        "sections": Meaning("Section", menu_sections),
        "schedule": Meaning("Schedule", hours.hours, AT),
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
        "schedule": Meaning("Schedule", hours.hours, AT),
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
        "prices": Meaning("Price", prices, ASKING_PRICE),
        "price": Meaning("Price", price, ASKING_PRICE),
        "priceHistory": Meaning(
            "PriceChangeConnection", price_history, {"since": "DateTime", "audience": "Audience", **PAGING}
        ),
        "optionGroups": Meaning("OptionGroup", options.groups),
        "availability": Meaning("Availability", availability, {"channel": "Channel", "location": "String"}),
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
        "state": Meaning(None, state, AT),
        "until": Meaning(None, until, AT),
        **{name: part(name) for name in ("quantity", "reason")},
        "freshness": OF_ROW,
    },
    "OptionGroup": {
        "id": Meaning(None, global_id("OptionGroup")),
        "name": Meaning(None, options.group_name, LANGUAGE),
        "least": Meaning(None, options.least),
        "most": Meaning(None, options.most),
        "priceMethod": Meaning(None, options.method),
        "position": plain("position"),
        "options": Meaning("Option", options.options),
        "freshness": FRESHNESS,
    },
    "Option": {
        "id": Meaning(None, global_id("Option")),
        "item": Meaning("Item", one("item")),
        "position": plain("position"),
        "preselected": plain("preselected"),
        "price": Meaning("Price", options.price, ASKING_PRICE),
        "freshness": FRESHNESS,
    },
    "PriceChange": {
        "recordedAt": Meaning(None, moment("recorded_at")),
        "withdrawn": plain("deleted"),
        "audience": plain("offer.audience"),
        "channel": plain("offer.channel"),
        "money": Meaning("Money", money("amount")),
        "original": Meaning("Money", money("original_amount")),
        "perUnit": Meaning("UnitPrice", per_unit),
    },
    "Schedule": {
        **{name: part(name) for name in ("isOpen", "nextChange")},
        "timezone": Meaning(None, lambda made, _, __: made["row"].timezone),
        "firstDay": Meaning(None, lambda made, _, world: moment("first_day")(made["row"], {}, world)),
        "lastDay": Meaning(None, lambda made, _, world: moment("last_day")(made["row"], {}, world)),
        "weekly": Meaning("WeeklyHours", hours.weekly),
        "exceptions": Meaning("DatedHours", hours.exceptions),
        "freshness": OF_ROW,
    },
    "Opening": {name: part(name) for name in ("isOpen", "nextChange")},
    "WeeklyHours": {name: part(name) for name in ("day", "start", "end")},
    "DatedHours": {name: part(name) for name in ("on", "start", "end")},
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
            "units",
            "freshForSeconds",
            "staleForSeconds",
        )
    },
    "LocationConnection": connection_of("Location"),
    "ItemConnection": connection_of("Item"),
    "PriceChangeConnection": connection_of("PriceChange"),
    "PriceChangeEdge": {"cursor": part("cursor"), "node": part("node", "PriceChange")},
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
        "DateTime": is_instant,
        "LanguageCode": matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
        "Channel": lambda value: value in enums.Channel.__members__,
        "Audience": lambda value: value in enums.Audience.__members__,
    },
)
