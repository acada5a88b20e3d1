"""Modifier groups and options, which items share by reference."""

from __future__ import annotations

from typing import Any

import pytest

from sync.protocol import Malformed
from tests.sync.toast.published import (
    GUID,
    amounts,
    answered,
    broken,
    choices,
    events,
    group,
    item,
    menu,
    option,
    records,
    selling,
    short,
)


def test_items_share_a_group_by_reference() -> None:
    answer = selling(
        item("burger", modifierGroupReferences=[2, 1]),
        item("wrap", modifierGroupReferences=[1]),
        groups=[choices("sides", 1), choices("sauces", 2)],
        options=[option("fries"), option("mayo")],
    )

    found = records(answer, "item_group")

    assert {key: (short(one.item), short(one.group), one.position) for key, one in found.items()} == {
        "burger/sauces": ("burger", "sauces", 0),
        "burger/sides": ("burger", "sides", 1),
        "wrap/sides": ("wrap", "sides", 0),
    }
    assert list(records(answer, "option_group")) == ["sides", "sauces"]
    assert list(records(answer, "item")) == ["burger", "wrap", "fries", "mayo"]


def test_options_are_items_of_their_group_and_cost_what_they_cost_there() -> None:
    answer = selling(
        item("burger", modifierGroupReferences=[1]),
        groups=[choices("sides", 2, 1)],
        options=[option("fries", price=3), option("slaw", isDefault=True, price=2.5)],
    )

    found = records(answer, "group_option")
    offer = records(answer, "offer")["sides/slaw/price"]

    assert {key: (short(one.item), one.position, one.preselected) for key, one in found.items()} == {
        "sides/slaw": ("slaw", 0, True),
        "sides/fries": ("fries", 1, False),
    }
    assert (short(offer.item), short(offer.group), str(offer.amount)) == ("slaw", "sides", "2.5")
    assert records(answer, "item")["fries"].location == GUID


def test_references_mean_nothing_outside_of_their_answer() -> None:
    one = selling(item("burger", modifierGroupReferences=[1]), groups=[choices("sides", 1)], options=[option("fries")])
    other = selling(
        item("burger", modifierGroupReferences=[7]),
        modifierGroupReferences={"7": choices("sides", 12)},
        modifierOptionReferences={"12": option("fries")},
    )

    for kind in ("item", "option_group", "group_option", "item_group", "offer"):
        assert records(one, kind) == records(other, kind)


def test_groups_nest_through_options() -> None:
    answer = selling(
        item("burger", modifierGroupReferences=[1]),
        groups=[choices("sides", 1), choices("dips", 2, 1)],
        options=[option("fries", modifierGroupReferences=[2]), option("mayo")],
    )

    assert list(records(answer, "item_group")) == ["burger/sides", "fries/dips"]
    assert list(records(answer, "group_option")) == ["sides/fries", "dips/mayo", "dips/fries"]


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ({}, 0, None),
        ({"minSelections": 1, "maxSelections": 3}, 1, 3),
        ({"minSelections": None, "maxSelections": None}, 0, None),
        ({"maxSelections": None, "isMultiSelect": False}, 0, 1),
        ({"maxSelections": 3, "isMultiSelect": False}, 0, 1),
        ({"maxSelections": 3, "isMultiSelect": True}, 0, 3),
    ],
)
def test_how_many_options_may_be_chosen(told: dict[str, Any], least: int, most: int | None) -> None:
    [found] = records(selling(groups=[choices("sides", **told)]), "option_group").values()

    assert (found.least, found.most, found.price_method) == (least, most, "SUM")


def test_an_option_may_be_an_item_of_the_menu_too() -> None:
    answer = selling(
        item("fries", name="French Fries", price=4),
        groups=[choices("sides", 1)],
        options=[option("fries", name="Add Fries", price=2)],
    )

    assert records(answer, "item")["fries"].name == "French Fries"
    assert amounts(answer) == {"fries/price": "4", "sides/fries/price": "2"}


def test_of_options_that_are_one_item_the_first_names_it() -> None:
    answer = selling(
        groups=[choices("toppings", 1), choices("extras", 2)],
        options=[option("cheese", price=1), option("cheese", name="Extra Cheese", price=2)],
    )

    assert records(answer, "item")["cheese"].name == "Cheese"
    assert amounts(answer) == {"toppings/cheese/price": "1", "extras/cheese/price": "2"}


def test_one_group_in_several_shapes_is_several_groups() -> None:
    answer = selling(
        item("a", modifierGroupReferences=[1]),
        item("b", modifierGroupReferences=[2]),
        item("c", modifierGroupReferences=[3]),
        groups=[choices("sides", 1), choices("sides", 1, 2), choices("sides", 1)],
        options=[option("fries"), option("slaw")],
    )

    assert list(records(answer, "option_group")) == ["sides", "sides~2"]
    assert {key: short(one.group) for key, one in records(answer, "item_group").items()} == {
        "a/sides": "sides",
        "b/sides~2": "sides~2",
        "c/sides": "sides",
    }


def rules(*prices: Any) -> dict[str, Any]:
    return {
        "sizeSequencePricingRules": [
            {"sizeName": str(n), "sizeGuid": f"s{n}", "sequencePrices": [{"sequence": 1, "price": price}]}
            for n, price in enumerate(prices)
        ]
    }


@pytest.mark.parametrize(
    ("group_told", "option_told", "amount"),
    [
        ({}, {"price": 1.5}, "1.5"),
        ({"pricingStrategy": "NONE"}, {"pricingStrategy": "GROUP_PRICE", "price": 2}, "2"),
        ({"pricingStrategy": "NONE"}, {"pricingStrategy": "GROUP_PRICE", "price": None}, "0"),
        ({"pricingStrategy": "SIZE_PRICE", "pricingRules": rules(2, 2)}, {"pricingStrategy": "GROUP_PRICE"}, "2"),
        ({"pricingStrategy": "SIZE_PRICE", "pricingRules": rules(2, 4)}, {"price": 3}, "3"),
        ({}, {"pricingStrategy": "OPEN_PRICE", "price": None}, None),
        ({"defaultOptionsChargePrice": "NO"}, {"isDefault": True}, "0"),
        ({"defaultOptionsChargePrice": "NO"}, {"isDefault": False}, "1"),
        ({"defaultOptionsChargePrice": "YES"}, {"isDefault": True}, "1"),
    ],
)
def test_an_options_price_is_its_own_or_its_groups(
    group_told: dict[str, Any], option_told: dict[str, Any], amount: str | None
) -> None:
    answer = selling(groups=[choices("sides", 1, **group_told)], options=[option("fries", **option_told)])

    assert amounts(answer) == {"sides/fries/price": amount}


@pytest.mark.parametrize("strategy", ["SIZE_PRICE", "SEQUENCE_PRICE", "SIZE_SEQUENCE_PRICE"])
def test_a_price_that_depends_on_other_choices_is_reported_and_left_out(strategy: str) -> None:
    told = choices("toppings", 1, 2, pricingStrategy=strategy, pricingRules=rules(2, 4))
    answer = selling(groups=[told], options=[option(name, pricingStrategy="GROUP_PRICE") for name in ("ham", "olives")])

    [left_out] = [one for one in events(answer) if isinstance(one, Malformed)]

    assert records(answer, "offer") == {}
    assert (left_out.scope, left_out.kind, short(left_out.key or "")) == (
        f"{GUID}/left out",
        "offer",
        "toppings",
    )
    assert left_out.rule == "an option's price must not depend on what else is chosen"
    assert left_out.value == f"{strategy} of toppings"


def test_time_specific_prices_of_options_hold_in_their_group() -> None:
    schedule = [{"days": ["FRIDAY"], "timeRanges": [{"start": "15:00", "end": "18:00"}]}]
    timed = {"timeSpecificPricingRules": [{"timeSpecificPrice": 0.5, "basePrice": 1, "schedule": schedule}]}
    answer = selling(
        groups=[choices("sides", 1)],
        options=[option("fries", pricingStrategy="TIME_SPECIFIC_PRICE", pricingRules=timed)],
    )

    offer = records(answer, "offer")["sides/fries/price/hours/1"]

    assert amounts(answer) == {"sides/fries/price": "1", "sides/fries/price/hours/1": "0.5"}
    assert (short(offer.group), short(offer.schedule)) == ("sides", "sides/fries/price/hours/1")


@pytest.mark.parametrize(
    ("inclusions", "mode"),
    [
        (["TAX_INCLUDED", "TAX_INCLUDED"], "INCLUDED"),
        (["TAX_INCLUDED", "TAX_NOT_INCLUDED"], "UNKNOWN"),
        ([], "UNKNOWN"),
    ],
)
def test_tax_is_in_an_options_price_as_in_those_of_all_items(inclusions: list[str], mode: str) -> None:
    items = [item(f"i{n}", taxInclusion=told) for n, told in enumerate(inclusions)]
    answer = selling(*items, groups=[choices("sides", 1)], options=[option("fries")])

    assert records(answer, "offer")["sides/fries/price"].tax_mode == mode


def test_what_is_visible_nowhere_is_no_choice() -> None:
    hidden: dict[str, Any] = {"visibility": ["KIOSK"]}
    answer = selling(
        item("burger", modifierGroupReferences=[1, 2]),
        groups=[choices("sides", 1, 2), choices("secret", 1, **hidden)],
        options=[option("fries"), option("slaw", **hidden)],
    )

    assert list(records(answer, "option_group")) == ["sides"]
    assert list(records(answer, "item_group")) == ["burger/sides"]
    assert list(records(answer, "group_option")) == ["sides/fries"]
    assert broken(answer) == []


GROUP, OPTION = choices("sides", 1), option("fries")


@pytest.mark.parametrize(
    ("groups", "options", "expected"),
    [
        ([choices("")], [], ("option_group", None, "guid must be letters, digits, - and _", "''")),
        ([choices("sides", name=None)], [], ("option_group", "sides", "name must be text", "None")),
        (
            [choices("sides", minSelections=1.5)],
            [],
            ("option_group", "sides", "minSelections must be a whole number", "1.5"),
        ),
        (
            [{**choices("sides"), "modifierOptionReferences": 1}],
            [],
            ("group_option", None, "modifierOptionReferences must be a list", "1"),
        ),
        ([GROUP], [], ("group_option", None, "modifierOptionReferences must name a modifier option", "1")),
        ([], [option("")], ("item", None, "guid must be letters, digits, - and _", "''")),
        ([GROUP], [option("fries", name="")], ("item", "fries", "name must be text", "''")),
        ([GROUP], [option("fries", price="x")], ("offer", "sides/fries/price", "price must be a number", "'x'")),
        (
            [choices("sides", 1, pricingStrategy="FREE")],
            [option("fries", pricingStrategy="GROUP_PRICE")],
            (
                "offer",
                "sides/fries/price",
                "pricingStrategy of a group must be one of NONE, SIZE_PRICE, SEQUENCE_PRICE, SIZE_SEQUENCE_PRICE",
                "FREE",
            ),
        ),
        (
            [choices("sides", 1, 2)],
            [option("fries"), option("fries", name="More Fries")],
            ("group_option", "sides/fries/1", "a group must not hold two options that are one item", "More Fries"),
        ),
    ],
)
def test_what_cannot_be_read_is_named(groups: Any, options: Any, expected: tuple[str, str | None, str, str]) -> None:
    assert broken(selling(groups=groups, options=options)) == [expected]


def test_an_option_listed_twice_is_one_choice() -> None:
    answer = selling(groups=[choices("sides", 1, 1)], options=[OPTION])

    assert list(records(answer, "group_option")) == ["sides/fries"]
    assert broken(answer) == []


def test_a_menu_without_modifiers_has_none() -> None:
    answer = answered(menu("food", group("mains", item("soup"))))
    del answer["modifierGroupReferences"], answer["modifierOptionReferences"]

    assert records(answer, "option_group") == {}


def test_entries_that_are_no_objects_have_no_key() -> None:
    answer = selling(modifierGroupReferences={"1": 7}, modifierOptionReferences={"1": "fries"})

    assert broken(answer) == [
        ("item", None, "an entry must be an object", "fries"),
        ("option_group", None, "an entry must be an object", "7"),
    ]
