"""What a seller may do to a catalog, as changes that are drawn by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.simulators.square_goods import catalog_object, place
from sync.simulators.square_ledger import Thing, nested
from tests.sync.square.selling import Shop


def pick(things: list[Any], number: int) -> Any:
    return things[number % len(things)] if things else None


def of(shop: Shop, *types: str) -> list[Thing]:
    return [thing for thing in shop.seller.ledger.live() if thing["type"] in types]


def data(thing: Thing) -> dict[str, Any]:
    found: dict[str, Any] = thing[f"{thing['type'].lower()}_data"]
    return found


def edited(*types: str) -> Callable[[Callable[[Shop, Thing, int], Any]], Callable[[Shop, int, int], None]]:
    """A change of one object of a type, if there is one."""

    def decorate(change: Callable[[Shop, Thing, int], Any]) -> Callable[[Shop, int, int], None]:
        def apply(shop: Shop, which: int, how: int) -> None:
            if (thing := pick(of(shop, *types), which)) is not None:
                shop.seller.ledger.change(thing["id"], lambda found: change(shop, found, how))

        return apply

    return decorate


@edited("ITEM_VARIATION", "MODIFIER")
def price(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing).update(pricing_type="FIXED_PRICING", price_money={"amount": 100 + how, "currency": "USD"})


@edited("ITEM_VARIATION")
def open_price(_shop: Shop, thing: Thing, _how: int) -> None:
    data(thing).update(pricing_type="VARIABLE_PRICING", price_money=None)


@edited("ITEM_VARIATION", "MODIFIER")
def override(shop: Shop, thing: Thing, how: int) -> None:
    location = pick(list(shop.seller.ledger.locations), how)
    money = {"price_money": {"amount": 500 + how, "currency": "USD"}, "pricing_type": "FIXED_PRICING"}
    data(thing)["location_overrides"] = [{"location_id": location, **money}] if how % 3 else []


@edited("ITEM_VARIATION", "MODIFIER")
def sold_out(shop: Shop, thing: Thing, how: int) -> None:
    location = pick(list(shop.seller.ledger.locations), how)
    data(thing)["location_overrides"] = [{"location_id": location, "sold_out": bool(how % 2)}]


@edited("ITEM", "CATEGORY", "MODIFIER_LIST", "MODIFIER", "ITEM_VARIATION")
def name(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["name"] = f"Name {how}"


@edited("ITEM", "CATEGORY", "MODIFIER_LIST", "MODIFIER", "ITEM_VARIATION")
def presence(shop: Shop, thing: Thing, how: int) -> None:
    location = pick(list(shop.seller.ledger.locations), how // 3)
    thing["present_at_all_locations"] = how % 3 == 0
    thing["absent_at_location_ids"] = [location] if how % 2 else []
    thing["present_at_location_ids"] = [location]


@edited("ITEM")
def categories(shop: Shop, thing: Thing, how: int) -> None:
    known = [one["id"] for one in of(shop, "CATEGORY")][: how % 3]
    data(thing)["categories"] = [{"id": key, "ordinal": how} for key in known]


@edited("ITEM")
def groups(shop: Shop, thing: Thing, how: int) -> None:
    lists = [one["id"] for one in of(shop, "MODIFIER_LIST")][: how % 3]
    bounds = {"min_selected_modifiers": how % 2 - 1, "max_selected_modifiers": how % 4 - 1}
    data(thing)["modifier_list_info"] = [{"modifier_list_id": key, **bounds} for key in lists]


@edited("ITEM")
def images(shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["image_ids"] = [one["id"] for one in of(shop, "IMAGE")][how % 5 : how % 5 + 2]


@edited("ITEM")
def archive(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["is_archived"] = how % 2 == 0


@edited("TAX")
def tax(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["inclusion_type"] = pick(["ADDITIVE", "INCLUSIVE"], how)


@edited("IMAGE")
def picture(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["url"] = f"https://images.example/again/{how}.jpg"


@edited("MODIFIER")
def hidden(_shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["hidden_online"] = how % 2 == 0


@edited("CATEGORY")
def parent(shop: Shop, thing: Thing, how: int) -> None:
    data(thing)["parent_category"] = {"id": pick(of(shop, "CATEGORY"), how)["id"], "ordinal": how}


def delete(shop: Shop, which: int, _how: int) -> None:
    shop.seller.ledger.delete(pick(list(shop.seller.ledger.live()), which)["id"])


def revive(shop: Shop, which: int, _how: int) -> None:
    ledger = shop.seller.ledger
    gone = [key for key, one in ledger.tombstones.items() if one["type"] not in {"ITEM_VARIATION", "MODIFIER"}]
    if gone:
        ledger.revive(pick(gone, which))


def add(shop: Shop, which: int, how: int) -> None:
    """A new image, category, or item of a known image and category."""
    ledger, key = shop.seller.ledger, f"NEW{which}X{how}"
    if how % 3 == 0:
        ledger.put(catalog_object("IMAGE", f"{key}I", {"url": f"https://images.example/{key}.jpg"}))
    elif how % 3 == 1:
        ledger.put(catalog_object("CATEGORY", f"{key}C", {"name": key}))
    else:
        money = {"pricing_type": "FIXED_PRICING", "price_money": {"amount": how, "currency": "USD"}}
        sold = catalog_object("ITEM_VARIATION", f"{key}V", {"item_id": key, "name": "Regular", **money})
        ledger.put(catalog_object("ITEM", key, {"name": key, "variations": [sold]}))


def count(shop: Shop, which: int, how: int) -> None:
    variation, location = pick(of(shop, "ITEM_VARIATION"), which), pick(list(shop.seller.ledger.locations), how)
    if variation:
        shop.seller.ledger.count(variation["id"], location, how % 4)


def location(shop: Shop, which: int, how: int) -> None:
    """A location opens, closes, reopens, or takes another name."""
    places = shop.seller.ledger.locations
    if how % 3 == 0:
        places[f"LOC{len(places):03}"] = place(len(places), "USD")
    else:
        found = pick(list(places.values()), which)
        found.update({"status": pick(["ACTIVE", "INACTIVE"], how)} if how % 3 == 1 else {"name": f"Place {how}"})


CHANGES = (
    *(price, open_price, override, sold_out, name, presence, categories, groups, images, archive, tax, picture),
    *(hidden, parent, delete, delete, revive, revive, add, count, count, location),
)


def change(shop: Shop, kind: int, which: int, how: int) -> None:
    """Do one thing."""
    pick(list(CHANGES), kind)(shop, which, how)


def childless(shop: Shop) -> list[str]:
    """Ids of the items without a variation."""
    return [one["id"] for one in of(shop, "ITEM") if not nested(one)]
