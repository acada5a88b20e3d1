from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.records import OfferRecord
from tests.sync.open_delivery.merchants import changed, merchant, price, read, refused

ONE_OFFER = ("offer", "itemOffer/small")


@pytest.mark.parametrize("value", [0, 30, 12.3456, 1e-4])
def test_a_price_is_exact(value: float) -> None:
    assert read(changed("itemOffers", "small", price=price(value)))[ONE_OFFER].amount == Decimal(str(value))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ("price must be an object", "None")),
        ([], ("price must be an object", "[]")),
        (price("30"), ("value must be a number", "'30'")),
        (price("NaN"), ("value must be a number", "'NaN'")),
        (price(True), ("value must be a number", "True")),
        ({"currency": "BRL"}, ("value must be a number", "None")),
        (price(30, "35"), ("originalValue must be a number", "'35'")),
        (price(30, currency="USD"), ("currency must be that of the merchant, BRL", "'USD'")),
        (price(30, currency=None), ("currency must be that of the merchant, BRL", "None")),
        (price(30, currency="brl"), ("currency must be that of the merchant, BRL", "'brl'")),
    ],
)
def test_what_is_no_price_is_refused_and_the_rest_is_read(given: Any, expected: tuple[str, str]) -> None:
    found = read(changed("itemOffers", "small", price=given))

    assert refused(found) == {ONE_OFFER: expected}


def test_an_option_in_another_currency_is_refused() -> None:
    document = merchant()
    document["optionGroups"][0]["options"][0]["price"]["currency"] = "USD"

    assert list(refused(read(document))) == [("offer", "option/extras/with-crust")]


@pytest.mark.parametrize(("unit", "per"), [("KG", "kg"), ("L", "l"), ("OZ", "oz"), ("LB", "lb"), ("GAL", "gal")])
def test_the_price_of_what_is_weighed_is_per_unit(unit: str, per: str) -> None:
    found = read(changed("items", "dessert", unit=unit))

    assert found["offer", "itemOffer/banana"] == OfferRecord(
        item="itemOffer/banana",
        currency="BRL",
        per_unit_amount=Decimal(25),
        per_unit=per,
        schedule="availability/evening",
    )


def test_an_unknown_unit_is_refused() -> None:
    found = refused(read(changed("items", "dessert", unit="BUSHEL")))

    assert found == {("offer", "itemOffer/banana"): ("unit must be one of UN, KG, L, OZ, LB, GAL", "'BUSHEL'")}


@pytest.mark.parametrize(
    ("basics", "reading", "expected"),
    [
        ({"minOrderValue": {"currency": "EUR"}}, {}, "EUR"),
        ({}, {}, "BRL"),
        ({"minOrderValue": {"currency": "euro"}}, {}, "BRL"),
        ({"minOrderValue": {"currency": "EUR"}}, {"currency": "USD"}, "USD"),
    ],
)
def test_the_currency_is_declared_or_told_or_the_most_common(
    basics: dict[str, Any], reading: dict[str, str], expected: str
) -> None:
    document = merchant(basicInfo={"name": "Plaza", **basics})

    found = read(document, **reading)

    assert found["location", document["id"]].currency == expected


def test_a_merchant_without_any_currency_is_refused() -> None:
    document = merchant(basicInfo={"name": "Plaza"}, itemOffers=[])

    found = refused(read(document))

    assert found["location", document["id"]] == ("a merchant must have a currency", "None")
