"""Square's objects as records: tables of what they say and what comes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sync.protocol import Malformed, Record
from sync.records import (
    GroupOptionRecord,
    ItemGroupRecord,
    ItemRecord,
    OfferRecord,
    OptionGroupRecord,
    PlacementRecord,
)
from sync.sources.square.catalog_shapes import CatalogObject, read_object
from sync.sources.square.items import object_events
from sync.sources.square.options import SquareOptions
from sync.sources.square.place_shapes import Location
from sync.sources.square.sections import MIDDLE, position
from sync.sources.square.shelf import Shelf, sold_at

HERE, THERE = "L1", "L2"


def read(value: dict[str, Any]) -> CatalogObject:
    return read_object(msgspec.Raw(msgspec.json.encode(value)))


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def variation(key: str = "V1", *, name: str = "Regular", **data: Any) -> dict[str, Any]:
    given = {"item_id": "I1", "name": name, "pricing_type": "FIXED_PRICING", "price_money": usd(350), **data}
    return {"type": "ITEM_VARIATION", "id": key, "item_variation_data": given}


def item(*variations: dict[str, Any], at: dict[str, Any] | None = None, **data: Any) -> CatalogObject:
    sold = list(variations) or [variation()]
    return read({"type": "ITEM", "id": "I1", **(at or {}), "item_data": {"name": "Tea", "variations": sold, **data}})


def modifier(key: str, **data: Any) -> dict[str, Any]:
    return {"type": "MODIFIER", "id": key, "modifier_data": {"name": key, "price_money": usd(50), **data}}


def modifiers(*listed: dict[str, Any], **data: Any) -> CatalogObject:
    options = list(listed) or [modifier("M1"), modifier("M2")]
    return read(
        {"type": "MODIFIER_LIST", "id": "G1", "modifier_list_data": {"name": "Milk", "modifiers": options, **data}}
    )


OTHERS = {
    "C1": read({"type": "CATEGORY", "id": "C1", "category_data": {"name": "Drinks"}}),
    "C2": read({"type": "CATEGORY", "id": "C2", "category_data": {"name": "Hot"}}),
    "C3": read(
        {"type": "CATEGORY", "id": "C3", "category_data": {"name": "Grill", "category_type": "KITCHEN_CATEGORY"}}
    ),
    "C4": read({"type": "CATEGORY", "id": "C4", "absent_at_location_ids": [HERE], "category_data": {"name": "There"}}),
    "T1": read({"type": "TAX", "id": "T1", "tax_data": {"inclusion_type": "INCLUSIVE"}}),
    "T2": read({"type": "TAX", "id": "T2", "tax_data": {"inclusion_type": "ADDITIVE", "enabled": True}}),
    "T3": read({"type": "TAX", "id": "T3", "tax_data": {"inclusion_type": "ADDITIVE", "enabled": False}}),
    "P1": read({"type": "IMAGE", "id": "P1", "image_data": {"url": "https://images.example/1.jpg"}}),
    "P2": read({"type": "IMAGE", "id": "P2", "image_data": {"url": "file:///2.jpg"}}),
}


def events(found: CatalogObject, location: str = HERE, currency: str = "USD", **options: Any) -> list[Any]:
    place = Location(
        id=location, merchant_id="M", name="Here", timezone="Etc/UTC", currency=currency, language_code="en-US"
    )
    shelf = Shelf(place, SquareOptions(**options), OTHERS, {"G1", "G2"}, f"{location}/I1", f"{location}//refused")
    return list(object_events(found, shelf))


def rows(kind: type[Any], found: CatalogObject, location: str = HERE, **more: Any) -> dict[str, Any]:
    return {
        event.key: event.payload
        for event in events(found, location, **more)
        if isinstance(event, Record) and isinstance(event.payload, kind)
    }


def refusals(found: CatalogObject, location: str = HERE, **more: Any) -> list[tuple[str, str | None, str, str]]:
    return [
        (event.kind, event.key, event.rule, event.value)
        for event in events(found, location, **more)
        if isinstance(event, Malformed)
    ]


def test_an_item_of_one_variation_has_its_price_itself() -> None:
    found = item()

    assert list(rows(ItemRecord, found)) == ["L1/I1"]
    assert rows(OfferRecord, found) == {
        "L1/V1": OfferRecord(item="L1/I1", currency="USD", amount=Decimal("3.50"), tax_mode="UNKNOWN")
    }
    assert rows(OptionGroupRecord, found) == {}


def test_several_variations_are_a_choice_of_exactly_one_that_replaces_the_price() -> None:
    large = variation("V2", name="Large", ordinal=1, price_money=usd(450))
    found = item(large, variation("V1", ordinal=0), modifier_list_info=[{"modifier_list_id": "G1"}])

    assert rows(OptionGroupRecord, found) == {
        "L1/I1/variations": OptionGroupRecord(name="Tea", language="en", least=1, most=1, price_method="REPLACE")
    }
    assert [(key, one.name) for key, one in rows(ItemRecord, found).items()] == [
        ("L1/I1", "Tea"),
        ("L1/V1", "Regular"),
        ("L1/V2", "Large"),
    ]
    assert rows(GroupOptionRecord, found)["L1/V2"] == GroupOptionRecord(
        group="L1/I1/variations", item="L1/V2", position=1
    )
    assert {key: (one.item, one.amount) for key, one in rows(OfferRecord, found).items()} == {
        "L1/V1": ("L1/V1", Decimal("3.5")),
        "L1/V2": ("L1/V2", Decimal("4.5")),
    }
    assert [(one.group, one.position) for one in rows(ItemGroupRecord, found).values()] == [
        ("L1/I1/variations", 0),
        ("L1/G1", 1),
    ]


@pytest.mark.parametrize(
    ("presence", "here", "there"),
    [
        ({}, True, True),
        ({"present_at_all_locations": True}, True, True),
        ({"present_at_all_locations": True, "absent_at_location_ids": [HERE]}, False, True),
        ({"present_at_all_locations": False}, False, False),
        ({"present_at_all_locations": False, "present_at_location_ids": [HERE]}, True, False),
        ({"present_at_all_locations": True, "present_at_location_ids": [HERE]}, True, True),
        ({"is_deleted": True}, False, False),
    ],
)
def test_presence(presence: dict[str, Any], here: bool, there: bool) -> None:
    assert (sold_at(item(at=presence), HERE), sold_at(item(at=presence), THERE)) == (here, there)


@pytest.mark.parametrize(
    "found",
    [
        item(is_archived=True),
        item({**variation(), "is_deleted": True}),
        item({**variation(), "absent_at_location_ids": [HERE]}),
        item(variation(sellable=False)),
        modifiers(modifier_type="TEXT"),
        modifiers(modifier("M1", hidden_online=True)),
    ],
)
def test_what_has_nothing_to_sell_is_not_sold(found: CatalogObject) -> None:
    assert not sold_at(found, HERE)


@pytest.mark.parametrize(
    ("data", "amount"),
    [
        ({}, "3.5"),
        ({"pricing_type": "VARIABLE_PRICING"}, None),
        ({"pricing_type": "VARIABLE_PRICING", "price_money": None}, None),
        ({"price_money": usd(0)}, "0"),
        ({"location_overrides": [{"location_id": HERE, "price_money": usd(400)}]}, "4"),
        ({"location_overrides": [{"location_id": THERE, "price_money": usd(400)}]}, "3.5"),
        ({"location_overrides": [{"location_id": HERE, "sold_out": True}]}, "3.5"),
        ({"location_overrides": [{"location_id": HERE, "pricing_type": "VARIABLE_PRICING"}]}, None),
        (
            {
                "pricing_type": "VARIABLE_PRICING",
                "location_overrides": [{"location_id": HERE, "price_money": usd(5), "pricing_type": "FIXED_PRICING"}],
            },
            "0.05",
        ),
    ],
)
def test_the_price_at_a_location(data: dict[str, Any], amount: str | None) -> None:
    [offer] = rows(OfferRecord, item(variation(**data))).values()

    assert offer.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("currency", "minor", "amount"),
    [("USD", 1234, "12.34"), ("JPY", 1234, "1234"), ("KWD", 1234, "1.234"), ("CLF", 12345, "1.2345"), ("KRW", 5, "5")],
)
def test_minor_units(currency: str, minor: int, amount: str) -> None:
    found = item(variation(price_money={"amount": minor, "currency": currency}))

    [offer] = rows(OfferRecord, found, currency=currency).values()

    assert (str(offer.amount), offer.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("money", "rule", "value"),
    [
        (None, "a price must be an object", "None"),
        (350, "a price must be an object", "350"),
        ({"amount": 350}, "a price must be in the location's currency USD", "None"),
        ({"amount": 350, "currency": "EUR"}, "a price must be in the location's currency USD", "'EUR'"),
        ({"amount": 3.5, "currency": "USD"}, "an amount must be a whole number of the smallest unit", "3.5"),
        ({"amount": "350", "currency": "USD"}, "an amount must be a whole number of the smallest unit", "'350'"),
        ({"amount": True, "currency": "USD"}, "an amount must be a whole number of the smallest unit", "True"),
        ({"currency": "USD"}, "an amount must be a whole number of the smallest unit", "None"),
        ({"amount": -1, "currency": "USD"}, "a price must be at least 0 and below 100000000000", "-1"),
        ({"amount": 10**13, "currency": "USD"}, "a price must be at least 0 and below 100000000000", "10000000000000"),
    ],
)
def test_a_price_that_cannot_be_is_named(money: Any, rule: str, value: str) -> None:
    found = item(variation(price_money=money))

    assert refusals(found) == [("offer", "L1/V1", rule, value)]
    assert rows(OfferRecord, found) == {}


@pytest.mark.parametrize(
    ("taxes", "mode"),
    [
        ([], "UNKNOWN"),
        (["T1"], "INCLUDED"),
        (["T2"], "EXCLUDED"),
        (["T1", "T2"], "UNKNOWN"),
        (["T1", "T3"], "INCLUDED"),
        (["gone"], "UNKNOWN"),
    ],
)
def test_taxes_say_whether_a_price_includes_them(taxes: list[str], mode: str) -> None:
    [offer] = rows(OfferRecord, item(tax_ids=taxes)).values()

    assert offer.tax_mode == mode


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"categories": [{"id": "C1", "ordinal": 3}, {"id": "C2"}]}, {"C1": 3, "C2": 0}),
        ({"category_id": "C2"}, {"C2": 0}),
        ({"categories": [{"id": "C1"}], "category_id": "C2"}, {"C1": 0}),
        ({}, {"other": 0}),
        ({"categories": [{"id": "gone"}, {"id": "C3"}, {"id": "C4"}]}, {"other": 0}),
    ],
)
def test_an_item_stands_in_the_categories_that_customers_see(data: dict[str, Any], places: dict[str, int]) -> None:
    placed = rows(PlacementRecord, item(**data), channels=("PICKUP", "DELIVERY"))

    assert {key: (one.section, one.item, one.position) for key, one in placed.items()} == {
        f"L1/{channel}/{category}/I1": (f"L1/{channel}/{category}", "L1/I1", MIDDLE + ordinal)
        for channel in ("PICKUP", "DELIVERY")
        for category, ordinal in places.items()
    }


def test_ordinals_of_64_bits_keep_their_order() -> None:
    ordinals = [-(2**63), -2251799813685248, -(2**25), -(2**24), -7, 0, 1, 2, 2**24, 2**25, 2**40, 2**63 - 1]

    positions = [position(ordinal) for ordinal in ordinals]

    assert positions == sorted(set(positions))
    assert min(positions) >= 0
    assert max(positions) < 2**31 - 1
    assert [at - MIDDLE for at in positions[4:8]] == [-7, 0, 1, 2]


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (None, None, (None, None, False)),
        (-1, -1, (None, None, False)),
        (0, 0, (0, None, True)),
        (1, 0, (1, None, True)),
        (1, 2, (1, 2, True)),
        (-1, 3, (0, 3, True)),
        (2, -1, (2, None, True)),
        (-5, -7, (0, None, True)),
    ],
)
def test_bounds_that_an_item_sets(least: int | None, most: int | None, expected: tuple[Any, ...]) -> None:
    info = {"modifier_list_id": "G1", "min_selected_modifiers": least, "max_selected_modifiers": most}

    [group] = rows(ItemGroupRecord, item(modifier_list_info=[info])).values()

    assert (group.least, group.most, group.most_overridden) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, (0, None)),
        ({"min_selected_modifiers": -1, "max_selected_modifiers": -1}, (0, None)),
        ({"min_selected_modifiers": 1, "max_selected_modifiers": 0}, (1, None)),
        ({"min_selected_modifiers": 1, "max_selected_modifiers": 2}, (1, 2)),
        ({"selection_type": "SINGLE"}, (0, 1)),
        ({"selection_type": "SINGLE", "max_selected_modifiers": 0}, (0, None)),
        ({"selection_type": "MULTIPLE"}, (0, None)),
    ],
)
def test_bounds_of_a_modifier_list(data: dict[str, Any], expected: tuple[int, int | None]) -> None:
    [group] = rows(OptionGroupRecord, modifiers(**data)).values()

    assert (group.least, group.most, group.price_method) == (*expected, "SUM")


def test_bounds_that_exclude_each_other_are_named() -> None:
    info = {"modifier_list_id": "G1", "min_selected_modifiers": 3, "max_selected_modifiers": 2}

    rule = "max_selected_modifiers must not be below min_selected_modifiers"
    assert refusals(item(modifier_list_info=[info])) == [("item_group", "L1/I1/G1", rule, "2 < 3")]


def test_lists_that_are_off_or_unknown_are_not_offered() -> None:
    infos = [
        {"modifier_list_id": "G1", "ordinal": 2},
        {"modifier_list_id": "G2", "ordinal": 1},
        {"modifier_list_id": "G9"},
    ]

    groups = rows(ItemGroupRecord, item(modifier_list_info=infos))
    off = rows(ItemGroupRecord, item(modifier_list_info=[{"modifier_list_id": "G1", "enabled": False}]))

    assert {key: (one.group, one.position) for key, one in groups.items()} == {
        "L1/I1/G2": ("L1/G2", 0),
        "L1/I1/G1": ("L1/G1", 1),
    }
    assert off == {}


def test_modifiers_are_options_with_a_price_on_top() -> None:
    found = modifiers(
        modifier("M2", ordinal=2, on_by_default=True, price_money=None),
        modifier("M1", ordinal=1, location_overrides=[{"location_id": HERE, "price_money": usd(75)}]),
        modifier("M3", hidden_online=True),
    )

    assert rows(GroupOptionRecord, found) == {
        "L1/M1": GroupOptionRecord(group="L1/G1", item="L1/M1", position=0, preselected=False),
        "L1/M2": GroupOptionRecord(group="L1/G1", item="L1/M2", position=1, preselected=True),
    }
    assert {key: one.amount for key, one in rows(OfferRecord, found).items()} == {
        "L1/M1": Decimal("0.75"),
        "L1/M2": Decimal(0),
    }


def test_pictures_and_declarations() -> None:
    food = {
        "ingredients": [{"standard_name": "SOY"}, {"standard_name": "TREE_NUTS"}, {"custom_name": "love"}],
        "dietary_preferences": [{"standard_name": "VEGAN"}, {"standard_name": "KOSHER"}],
    }
    found = item(image_ids=["P2", "P1", "gone"], food_and_beverage_details=food, description="Leaves")

    [record] = rows(ItemRecord, found, language="de").values()

    assert record.media == ("https://images.example/1.jpg",)
    assert (record.allergens, record.diets) == (("NUTS", "SOYBEANS"), ("VEGAN", "VEGETARIAN"))
    assert record.labels == ("VEGAN", "KOSHER", "SOY", "TREE_NUTS")
    assert (record.language, record.description, record.location) == ("de", "Leaves", HERE)
    [plain] = rows(ItemRecord, item(food_and_beverage_details={"ingredients": []})).values()
    assert (plain.allergens, plain.diets) == (None, None)
