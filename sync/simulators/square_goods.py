"""A seller out of a seed: locations in towns that do not exist, and what they sell."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sync.simulators.square_ledger import Ledger, Thing

MERCHANT = "MLARDER0SELLER"
TOWNS = (
    "Marlow Bay",
    "Tanner Falls",
    "Old Harbor",
    "Silver Ridge",
    "Brook End",
    "Fern Hollow",
    "Kite Hill",
    "Dune Park",
)
STREETS = ("Clock Square", "Weaver Lane", "Pier Road", "Mill Street")
ZONES = {"USD": "America/New_York", "JPY": "Asia/Tokyo", "KWD": "Asia/Kuwait", "EUR": "Europe/Berlin"}
EXPONENTS = {"JPY": 0, "KWD": 3}
CATEGORIES = ("Coffee", "Tea", "Sandwiches", "Salads", "Bakery", "Cold Drinks", "Breakfast", "Soups")
KINDS = ("Filter", "Smoked", "House", "Toasted", "Iced", "Garden", "Double", "Honey", "Spiced", "Maple")
DISHES = ("Brew", "Bagel", "Bowl", "Roll", "Latte", "Tart", "Wrap", "Broth", "Muffin", "Cooler")
SIZES = ("Small", "Regular", "Large")
LISTS = {"Milk": ("Whole milk", "Oat milk", "Soy milk"), "Extras": ("Bacon", "Egg", "Cheese", "Avocado")}
INGREDIENTS = ("MILK", "GLUTEN", "EGGS", "TREE_NUTS", "SOY")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI")


def stock(ledger: Ledger, *, seed: int, items: int, locations: int, currency: str) -> None:
    """Fill the books. The same seed gives the same objects, but for their times."""
    rng = Random(seed)  # noqa: S311 - a demonstration
    for number in range(locations):
        here = place(number, currency)
        ledger.locations[here["id"]] = here
    for thing in things(rng, items, list(ledger.locations), currency):
        ledger.put(thing)
    for thing in list(ledger.live()):
        data = thing.get("item_variation_data", {})
        if data.get("track_inventory"):
            for location in ledger.locations:
                ledger.count(thing["id"], location, rng.randrange(1, 40))


def place(number: int, currency: str) -> Thing:
    """A location."""
    town = TOWNS[number % len(TOWNS)]
    hours = [{"day_of_week": day, "start_local_time": "08:00:00", "end_local_time": "18:00:00"} for day in WEEKDAYS]
    return {
        "id": f"LOC{number:03}",
        "merchant_id": MERCHANT,
        "name": f"{town} {number + 1}",
        "business_name": "Marlow Coffee",
        "address": {
            "address_line_1": f"{number + 1} {STREETS[number % len(STREETS)]}",
            "locality": town,
            "postal_code": f"{10000 + number}",
            "country": "US",
        },
        "timezone": ZONES.get(currency, "Etc/UTC"),
        "status": "ACTIVE",
        "country": "US",
        "language_code": "en-US",
        "currency": currency,
        "created_at": "2024-01-01T08:00:00Z",
        "type": "PHYSICAL",
        "coordinates": {"latitude": round(40.1 + number / 100, 4), "longitude": round(-73.9 - number / 100, 4)},
        "business_hours": {"periods": hours},
    }


def catalog_object(kind: str, key: str, data: dict[str, Any]) -> Thing:
    """An object of a type, present everywhere."""
    return {"type": kind, "id": key, "present_at_all_locations": True, f"{kind.lower()}_data": data}


def things(rng: Random, items: int, locations: list[str], currency: str) -> Iterator[Thing]:
    """Categories, taxes, modifier lists, images and items, in this order."""
    categories = [f"CAT{number:03}" for number in range(min(len(CATEGORIES), max(2, items // 6)))]
    for number, key in enumerate(categories):
        top = {"parent_category": {"ordinal": number}, "is_top_level": True}
        yield catalog_object("CATEGORY", key, {"name": CATEGORIES[number], "category_type": "REGULAR_CATEGORY", **top})
    tax = {"name": "Sales Tax", "inclusion_type": "ADDITIVE", "percentage": "5.0", "enabled": True}
    yield catalog_object("TAX", "TAX001", tax)
    for number, (name, options) in enumerate(LISTS.items()):
        yield modifier_list(f"LIST{number:03}", name, options, currency)
    for number in range(items):
        if number % 2:
            image = {"name": f"{number}.jpg", "url": f"https://images.example/{number}.jpg"}
            yield catalog_object("IMAGE", f"IMG{number:05}", image)
        yield item(rng, number, categories, locations, currency)


def modifier_list(key: str, name: str, options: tuple[str, ...], currency: str) -> Thing:
    modifiers = [
        catalog_object(
            "MODIFIER",
            f"{key}M{number}",
            {"name": option, "ordinal": number, "modifier_list_id": key, "price_money": money(50 * number, currency)},
        )
        for number, option in enumerate(options)
    ]
    bounds = {"min_selected_modifiers": 0, "max_selected_modifiers": 0 if len(options) > len(SIZES) else 1}
    data = {"name": name, "modifier_type": "LIST", **bounds, "modifiers": modifiers}
    return catalog_object("MODIFIER_LIST", key, data)


def item(rng: Random, number: int, categories: list[str], locations: list[str], currency: str) -> Thing:
    """An item: of one variation, of three sizes, or of an open price."""
    key = f"ITEM{number:05}"
    sizes = SIZES if number % 3 == 0 else ("Regular",)
    base = rng.randrange(200, 1500, 10)
    data: dict[str, Any] = {
        "name": f"{rng.choice(KINDS)} {rng.choice(DISHES)} {number + 1}",
        "description_plaintext": "Made to order.",
        "product_type": "FOOD_AND_BEV",
        "categories": [{"id": category, "ordinal": number} for category in rng.sample(categories, k=1 + number % 2)],
        "tax_ids": ["TAX001"],
        "modifier_list_info": [
            {
                "modifier_list_id": f"LIST{at:03}",
                "min_selected_modifiers": -1,
                "max_selected_modifiers": -1,
                "enabled": True,
            }
            for at in range(number % 3)
        ],
        "variations": [variation(rng, key, at, base + 80 * at, locations, currency) for at in range(len(sizes))],
    }
    for one, name in zip(data["variations"], sizes, strict=True):
        one["item_variation_data"]["name"] = name
    if number % 2:
        data["image_ids"] = [f"IMG{number:05}"]
    if number % 4 == 1:
        named = [{"type": "STANDARD", "standard_name": name} for name in rng.sample(INGREDIENTS, k=2)]
        data["food_and_beverage_details"] = {"ingredients": named}
    found = catalog_object("ITEM", key, data)
    if number % 7 == 6 and len(locations) > 1:  # noqa: PLR2004 - every seventh is not sold everywhere
        found["absent_at_location_ids"] = [locations[-1]]
    return found


def variation(rng: Random, item: str, ordinal: int, amount: int, locations: list[str], currency: str) -> Thing:
    """A variation of an item, dearer at the second location now and then."""
    data: dict[str, Any] = {"item_id": item, "ordinal": ordinal, "sellable": True, "stockable": True}
    if rng.random() < 0.1:  # noqa: PLR2004 - some prices are made at the till
        data["pricing_type"] = "VARIABLE_PRICING"
    else:
        data |= {"pricing_type": "FIXED_PRICING", "price_money": money(amount, currency)}
    data["track_inventory"] = rng.random() < 0.25  # noqa: PLR2004 - a share of what is sold is counted
    if len(locations) > 1 and rng.random() < 0.3 and "price_money" in data:  # noqa: PLR2004 - some places are dearer
        dearer = {"price_money": money(amount + 50, currency), "pricing_type": "FIXED_PRICING"}
        data["location_overrides"] = [{"location_id": locations[1], **dearer}]
    return catalog_object("ITEM_VARIATION", f"{item}V{ordinal}", data)


def money(cents: int, currency: str) -> dict[str, Any]:
    """``cents`` hundredths in the currency's own smallest unit."""
    exponent = EXPONENTS.get(currency, 2)
    return {"amount": cents if exponent == 2 else cents // 100 * 10**exponent, "currency": currency}  # noqa: PLR2004
