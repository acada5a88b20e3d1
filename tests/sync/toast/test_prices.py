"""What items cost, by strategy and by where they stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sync.toast.published import (
    DINNER,
    GUID,
    LUNCH,
    amounts,
    answered,
    broken,
    choices,
    group,
    item,
    menu,
    option,
    records,
    selling,
)

HAPPY = [{"days": ["FRIDAY"], "timeRanges": [{"start": "15:00", "end": "18:00"}]}]


def timed(*prices: Any, **more: Any) -> dict[str, Any]:
    rules = [{"timeSpecificPrice": price, "basePrice": 5, "schedule": HAPPY} for price in prices]
    return item("beer", pricingStrategy="TIME_SPECIFIC_PRICE", pricingRules={"timeSpecificPricingRules": rules}, **more)


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ({"price": 5}, "5"),
        ({"price": 0}, "0"),
        ({"price": 5.25, "pricingStrategy": "BASE"}, "5.25"),
        ({"price": 5, "pricingStrategy": "MENU_SPECIFIC_PRICE"}, "5"),
        ({"price": 5, "pricingStrategy": "MENU_SPECIFIC"}, "5"),
        ({"price": None, "pricingStrategy": "OPEN_PRICE"}, None),
        ({"price": 5, "pricingStrategy": None}, "5"),
    ],
)
def test_a_price_is_what_its_strategy_says(told: dict[str, Any], amount: str | None) -> None:
    assert amounts(selling(item("soup", **told))) == {"soup/price": amount}


def test_decimals_come_from_their_text() -> None:
    answer = (
        b'{"restaurantGuid":"%s","lastUpdated":"2026-03-02T12:00:00.000+0000","restaurantTimeZone":"UTC",'
        % (GUID.encode())
        + b'"menus":[{"guid":"food","name":"F","menuGroups":[{"guid":"g","name":"G","menuItems":[{"guid":"soup",'
        + (b'"name":"S","price":1.10000000000000000001}]}]}]}')
    )

    assert amounts(answer) == {"soup/price": "1.10000000000000000001"}


@pytest.mark.parametrize(
    ("told", "rule", "value"),
    [
        ({"pricingStrategy": "LOYALTY_PRICE"}, "pricingStrategy must be one of BASE_PRICE, ", "LOYALTY_PRICE"),
        ({"pricingStrategy": 3}, "pricingStrategy must be text", "3"),
        ({"price": "5,00"}, "price must be a number", "'5,00'"),
        ({"price": True}, "price must be a number", "True"),
        ({"price": None}, "a BASE_PRICE must have a price", "None"),
        ({"pricingStrategy": "SIZE_PRICE"}, "sizeSpecificPricingGuid must be letters, digits, - and _", "None"),
        (
            {"pricingStrategy": "SIZE_PRICE", "pricingRules": {"sizeSpecificPricingGuid": "gone"}},
            "sizeSpecificPricingGuid must be a modifier group",
            "gone",
        ),
        ({"pricingStrategy": "SIZE_PRICE", "pricingRules": 7}, "an entry must be an object", "7"),
        ({"taxInclusion": "MAYBE"}, "taxInclusion must be one of TAX_INCLUDED, ", "MAYBE"),
        ({"unitOfMeasure": 7}, "unitOfMeasure must be text", "7"),
    ],
)
def test_a_price_that_cannot_be_read_leaves_the_offer_and_the_item(told: dict[str, Any], rule: str, value: str) -> None:
    answer = selling(item("soup", **told))

    [(kind, key, broke, offender)] = broken(answer)
    assert (kind, key, offender) == ("offer", "soup/price", value)
    assert broke.startswith(rule)
    assert list(records(answer, "item")) == ["soup"]
    assert records(answer, "offer") == {}


@pytest.mark.parametrize(
    ("inclusion", "mode"),
    [
        ("TAX_INCLUDED", "INCLUDED"),
        ("TAX_NOT_INCLUDED", "EXCLUDED"),
        ("SMART_TAX", "EXCLUDED"),
        (None, "UNKNOWN"),
    ],
)
def test_tax_is_in_a_price_or_not(inclusion: str | None, mode: str) -> None:
    [offer] = records(selling(item("soup", taxInclusion=inclusion)), "offer").values()

    assert offer.tax_mode == mode


def test_the_currency_is_the_sources() -> None:
    [offer] = records(selling(item("soup")), "offer", currency="CAD").values()

    assert offer.currency == "CAD"


def test_a_weight_is_priced_by_its_unit() -> None:
    [offer] = records(selling(item("salad", price=9.5, unitOfMeasure="LB")), "offer").values()

    assert (offer.amount, offer.per_unit_amount, offer.per_unit) == (None, Decimal("9.5"), "lb")


def test_time_specific_prices_have_hours_of_their_own() -> None:
    answer = selling(timed(4, 3.5))

    offers, schedules = records(answer, "offer"), records(answer, "schedule")

    assert amounts(answer) == {"beer/price/hours/1": "4", "beer/price/hours/2": "3.5", "beer/price": "5"}
    assert offers["beer/price/hours/2"].schedule == f"{GUID}/beer/price/hours/2"
    assert offers["beer/price"].schedule is None
    assert [(one.day, one.start.hour) for one in schedules["beer/price/hours/1"].weekly] == [(5, 15)]


def test_the_base_of_time_specific_prices_may_stand_in_their_rules_alone() -> None:
    assert amounts(selling(timed(4, price=None)))["beer/price"] == "5"


def test_a_broken_rule_leaves_its_own_offer_and_hours() -> None:
    answer = selling(timed(4, "3,50"))

    assert set(amounts(answer)) == {"beer/price/hours/1", "beer/price"}
    assert [(kind, key) for kind, key, _, _ in broken(answer)] == [
        ("schedule", "beer/price/hours/2"),
        ("offer", "beer/price/hours/2"),
    ]


def test_an_item_of_sizes_has_no_price_but_its_sizes_have() -> None:
    rules = {"sizeSpecificPricingGuid": "size"}
    pizza = item("pizza", price=None, pricingStrategy="SIZE_PRICE", pricingRules=rules, modifierGroupReferences=[1])
    sizes = choices("size", 1, 2, minSelections=1, maxSelections=1)
    answer = selling(pizza, groups=[sizes], options=[option("small", price=8), option("large", price=10)])

    [size] = records(answer, "option_group").values()

    assert amounts(answer) == {"size/small/price": "8", "size/large/price": "10"}
    assert (size.price_method, size.least, size.most) == ("REPLACE", 1, 1)


def in_menus(*told: tuple[str, float | str, Any, list[str] | None]) -> dict[str, Any]:
    """``soup`` in menus: name, price, hours, visibility."""
    menus = [
        menu(name, group("mains", item("soup", price=price, pricingStrategy="MENU_SPECIFIC_PRICE")), **more)
        for name, price, hours, visibility in told
        for more in [{"availability": hours, "visibility": visibility}]
    ]
    return answered(*menus)


ONLINE, POS = ["TOAST_ONLINE_ORDERING"], ["POS"]


@pytest.mark.parametrize(
    ("menus", "expected"),
    [
        ([("food", 5, LUNCH, None)], {"soup/price": "5"}),
        (
            [("lunch", 5, LUNCH, None), ("dinner", 5, DINNER, None)],
            {"soup/price/lunch": "5", "soup/price/dinner": "5"},
        ),
        (
            [("lunch", 5, LUNCH, None), ("dinner", 7, DINNER, None)],
            {"soup/price/lunch": "5", "soup/price/dinner": "7"},
        ),
        ([("web", 5, None, ONLINE), ("pos", 7, None, POS)], {"soup/price/PICKUP": "5", "soup/price/DINE_IN": "7"}),
        ([("web", 5, LUNCH, ONLINE), ("pos", 7, LUNCH, POS)], {"soup/price/PICKUP": "5", "soup/price/DINE_IN": "7"}),
        ([("always", 5, None, None), ("dinner", 7, DINNER, None)], {"soup/price": "5", "soup/price/dinner": "7"}),
        (
            [("web", 5, None, ONLINE), ("pos", 6, None, POS), ("late", 7, DINNER, POS)],
            {"soup/price/PICKUP": "5", "soup/price/DINE_IN": "6", "soup/price/DINE_IN/late": "7"},
        ),
    ],
)
def test_prices_that_differ_between_menus_are_told_apart(menus: Any, expected: dict[str, str]) -> None:
    answer = in_menus(*menus)

    assert dict(sorted(amounts(answer).items())) == dict(sorted(expected.items()))
    for key, offer in records(answer, "offer").items():
        name = key.rpartition("/")[2]
        assert offer.schedule == (f"{GUID}/{name}/hours" if name in {"lunch", "dinner", "late"} else None)
        assert offer.channel == next((part for part in key.split("/") if part in {"PICKUP", "DINE_IN"}), None)


def test_menus_that_nothing_tells_apart_must_agree() -> None:
    one, other = (in_menus(("one", 5, None, POS), ("two", price, None, POS)) for price in (5, 7))

    assert amounts(one) == {"soup/price/DINE_IN": "5"}
    assert records(other, "offer") == {}
    assert broken(other) == [
        ("offer", "soup/price/DINE_IN", "menus that nothing tells apart must agree on a price", "5, 7")
    ]


def test_a_price_that_is_no_menus_own_is_the_same_in_all() -> None:
    def told(price: int) -> dict[str, Any]:
        return answered(
            menu("lunch", group("mains", item("soup")), availability=LUNCH),
            menu("dinner", group("mains", item("soup", price=price)), availability=DINNER),
        )

    assert amounts(told(5)) == {"soup/price": "5"}
    assert broken(told(-5)) == [
        ("offer", "soup/price", "menus that nothing tells apart must agree on a price", "-5, 5")
    ]


def test_an_unreadable_price_in_one_of_several_menus_leaves_the_others() -> None:
    answer = in_menus(("lunch", 5, LUNCH, ONLINE), ("dinner", "?", DINNER, ONLINE))

    assert amounts(answer) == {"soup/price/lunch": "5"}
    assert [key for _, key, _, _ in broken(answer)] == ["soup/price/dinner"]
