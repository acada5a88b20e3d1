"""A day of eat-api as records: keys, ties, prices, labels."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sync.protocol import Malformed, Record
from sync.records import ItemRecord, OfferRecord
from sync.sources.eat_api.days import day_events
from sync.sources.eat_api.labels import allergens, diets
from tests.sync.supplier import dish, price

DAY = date(2025, 10, 8)


def events(*dishes: Any) -> list[Any]:
    raws = [msgspec.Raw(one if isinstance(one, bytes) else msgspec.json.encode(one)) for one in dishes]
    return list(day_events("mensa", DAY, raws))


def records(kind: str, *dishes: Any) -> dict[str, Any]:
    return {event.key: event.payload for event in events(*dishes) if isinstance(event, Record) and event.kind == kind}


def offers(prices: Any) -> dict[str, tuple[Any, ...]]:
    found = records("offer", dish("Reis", prices=prices)).values()
    return {offer.audience: (offer.amount, offer.per_unit_amount, offer.per_unit) for offer in found}


def test_keys_name_the_day_the_type_the_dish_and_its_number() -> None:
    assert list(records("menu", dish("Reis"))) == ["mensa/2025-10-08"]
    assert list(records("section", dish("Reis", "Fisch/Fleisch"))) == ["mensa/2025-10-08/Fisch%2FFleisch"]
    assert list(records("item", dish("Reis", "Fisch/Fleisch"))) == ["mensa/2025-10-08/Fisch%2FFleisch/Reis/1"]
    assert list(records("offer", dish("Reis", prices={"guests": price(1)}))) == ["mensa/2025-10-08/Pasta/Reis/1/guests"]


def test_sections_stand_in_the_order_in_which_their_type_first_appears() -> None:
    served = [dish("a", "Suppe"), dish("b", "Fisch"), dish("c", "Suppe")]

    sections = records("section", *served)
    placements = records("placement", *served)

    assert [(section.name, section.position) for section in sections.values()] == [("Suppe", 0), ("Fisch", 1)]
    assert [(placed.section.split("/")[-1], placed.position) for placed in placements.values()] == [
        ("Suppe", 0),
        ("Fisch", 0),
        ("Suppe", 1),
    ]


def test_dishes_of_one_name_keep_their_keys_when_republished_in_another_order() -> None:
    alike = [dish("Reis", prices={"guests": price(amount)}) for amount in (3.5, 1.25, 2)]

    readings = [
        {key: offer.amount for key, offer in records("offer", *order).items()}
        for order in itertools.permutations(alike)
    ]

    assert len(readings[0]) == 3
    assert all(reading == readings[0] for reading in readings)


def test_a_dish_that_is_listed_twice_is_two_items() -> None:
    assert [key[-1] for key in records("item", dish("Reis"), dish("Reis"))] == ["1", "2"]


@pytest.mark.parametrize(
    ("given", "amount", "per_unit_amount", "per_unit"),
    [
        (price(4.5), "4.5", None, None),
        (price(0), "0", None, None),
        (price(0, 0.8, "100g"), None, "0.8", "100g"),
        (price(0.9, 1.05, "100g"), "0.9", "1.05", "100g"),
        (price(4.5, 0.0, "100g"), "4.5", None, None),
        (price(0, 0.0, "100g"), "0", None, None),
        (price(1, 2, "Portion"), "1", "2", "Portion"),
        (price(None, 2, "100g"), None, "2", "100g"),
    ],
)
def test_a_part_that_is_zero_is_no_part_unless_both_are(
    given: Any, amount: str | None, per_unit_amount: str | None, per_unit: str | None
) -> None:
    exact = tuple(None if part is None else Decimal(part) for part in (amount, per_unit_amount))

    assert offers({"guests": given}) == {"GUESTS": (*exact, per_unit)}


def test_decimals_come_from_their_text() -> None:
    raw = b'{"name":"Reis","dish_type":"Pasta","labels":[],"prices":{"guests":{"base_price":1.10000000000000000001}}}'

    [offer] = records("offer", raw).values()

    assert str(offer.amount) == "1.10000000000000000001"


def test_an_audience_without_a_price_has_no_offer() -> None:
    assert set(offers({"students": None, "guests": price(1)})) == {"GUESTS"}
    assert offers({}) == {}


@pytest.mark.parametrize(
    ("prices", "key", "rule", "value"),
    [
        ({"guests": price("3,50")}, "guests", "base_price must be a number", "'3,50'"),
        ({"guests": price(True)}, "guests", "base_price must be a number", "True"),
        ({"guests": price(1, "x", "100g")}, "guests", "price_per_unit must be a number", "'x'"),
        ({"guests": price(1, 2)}, "guests", "a price_per_unit must have a unit", "2 per None"),
        ({"guests": price(1, 2, " ")}, "guests", "a price_per_unit must have a unit", "2 per ' '"),
        ({"guests": 3}, "guests", "a price must be an object", "3"),
        ({"guests": price(None)}, "guests", "a price must have a base_price or a price_per_unit", "{'base_price'"),
        ({"kids": price(1)}, "kids", "audience must be one of students, staff, guests", "kids"),
    ],
)
def test_a_price_that_cannot_be_read_is_named(prices: Any, key: str, rule: str, value: str) -> None:
    [broken] = [event for event in events(dish("Reis", prices=prices)) if isinstance(event, Malformed)]

    assert (broken.kind, broken.key) == (OfferRecord.kind, f"mensa/2025-10-08/Pasta/Reis/1/{key}")
    assert broken.rule == rule
    assert broken.value.startswith(value)


@pytest.mark.parametrize(
    "broken", [b"5", b'"Reis"', b"{}", b'{"name":" ","dish_type":""}', b'{"name":7,"dish_type":""}']
)
def test_a_dish_that_cannot_be_told_apart_has_no_key(broken: bytes) -> None:
    [found] = [event for event in events(broken, dish("Reis")) if isinstance(event, Malformed)]

    assert (found.kind, found.key) == (ItemRecord.kind, None)


def test_labels_that_cannot_be_read_leave_the_item_but_not_its_prices() -> None:
    found = events({**dish("Reis"), "labels": "MILK"})

    assert [event.rule for event in found if isinstance(event, Malformed)] == ["labels must be a list of codes"]
    assert [event.kind for event in found if isinstance(event, Record)] == [
        "menu",
        "section",
        "placement",
        *["offer"] * 3,
    ]


@pytest.mark.parametrize(
    ("labels", "declared_allergens", "declared_diets"),
    [
        ([], None, None),
        (["GARLIC"], (), ()),
        (["VEGAN"], (), ("VEGAN", "VEGETARIAN")),
        (["VEGETARIAN", "LACTOSE", "MILK"], ("MILK",), ("VEGETARIAN",)),
        (["WHEAT", "SHELLFISH", "SULPHURS", "ALMONDS"], ("CRUSTACEANS", "GLUTEN", "NUTS", "SULPHITES"), ()),
        (["SOMETHING_ELSE"], None, ()),
        (["SOMETHING_ELSE", "SOY"], ("SOYBEANS",), ()),
    ],
)
def test_labels_declare_allergens_and_diets(labels: list[str], declared_allergens: Any, declared_diets: Any) -> None:
    assert (allergens(labels), diets(labels)) == (declared_allergens, declared_diets)
