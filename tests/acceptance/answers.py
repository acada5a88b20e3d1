"""What the gateway answers, in the shapes of the independent reading."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.acceptance.processes import ask
from tests.acceptance.reading import Day, Dish, Price, Section

LOCATIONS = "{ locations(first: 100) { nodes { slug name } pageInfo { hasNextPage } } }"
MENUS = """
query Menus($slug: String!) { location(slug: $slug) { menus(from: "2000-01-01") {
  serviceDate
  sections { name items {
    name labels
    prices { audience channel money { amount currency } perUnit { money { amount currency } unit } }
  } }
} } }
"""


def locations(gateway: str) -> dict[str, str]:
    """Slug -> name of every location."""
    page = ask(gateway, LOCATIONS)["locations"]
    assert not page["pageInfo"]["hasNextPage"]
    return {location["slug"]: location["name"] for location in page["nodes"]}


def days(gateway: str, slug: str) -> dict[tuple[str, str], Day]:
    """(slug, date) -> day, of every menu of a location."""
    found: dict[tuple[str, str], Day] = {}
    for menu in ask(gateway, MENUS, {"slug": slug}, timeout=60)["location"]["menus"]:
        key = (slug, menu["serviceDate"])
        assert key not in found, f"two menus of {key}"
        found[key] = [
            Section(section["name"], [read_dish(item) for item in section["items"]]) for section in menu["sections"]
        ]
    return found


def read_dish(item: dict[str, Any]) -> Dish:
    prices = {price["audience"]: read_price(price) for price in item["prices"]}
    assert len(prices) == len(item["prices"]), item
    return Dish(item["name"], prices, item["labels"])


def read_price(price: dict[str, Any]) -> Price:
    money, per_unit = price["money"], price["perUnit"]
    assert price["channel"] is None, price
    assert {part["currency"] for part in (money, per_unit and per_unit["money"]) if part} == {"EUR"}, price
    return Price(
        money and money["amount"],
        per_unit and per_unit["money"]["amount"],
        per_unit and per_unit["unit"],
    )


def move(supplier: str, step: int) -> None:
    """Make the simulated supplier serve publication ``step``."""
    httpx2.post(f"{supplier}/_simulator/step", json={"step": step}).raise_for_status()
