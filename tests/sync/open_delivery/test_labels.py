from __future__ import annotations

from typing import Any

import pytest

from sync.sources.open_delivery.labels import ALLERGENS, KNOWN, read_info


@pytest.mark.parametrize(("allergen", "codes"), ALLERGENS.items())
def test_every_code_declares_its_allergen(allergen: str, codes: tuple[str, ...]) -> None:
    for code in codes:
        assert read_info({"allergen": [code]})["allergens"] == (allergen,)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (None, None),
        ([], None),
        (["NO_DECLARED_ALLERGENS"], ()),
        (["CORN", "COCOA"], ()),
        (["POD_FRUITS"], None),
        (["SOMETHING_NEW"], None),
        (["SOMETHING_NEW", "RYE"], ("GLUTEN",)),
        (["WHEAT", "LACTOSE", "RYE"], ("GLUTEN", "MILK")),
    ],
)
def test_allergens_are_declared_undeclared_or_declared_none(codes: Any, expected: Any) -> None:
    assert read_info({"allergen": codes})["allergens"] == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (None, None),
        ([], None),
        (["HALAL"], ()),
        (["VEGAN"], ("VEGAN", "VEGETARIAN")),
        (["VEGETARIAN"], ("VEGETARIAN",)),
    ],
)
def test_diets_are_declared_or_undeclared(codes: Any, expected: Any) -> None:
    assert read_info({"suitableDiet": codes})["diets"] == expected


def test_labels_are_the_suppliers_own_codes() -> None:
    info = {"allergen": ["RYE"], "suitableDiet": ["HALAL"], "additives": ["E 300"], "isAlcoholic": True}

    assert read_info(info)["labels"] == ("RYE", "HALAL", "E 300", "ALCOHOLIC")


def test_an_item_without_information_says_nothing() -> None:
    assert read_info(None) == {"allergens": None, "diets": None, "labels": ()}


def test_no_code_means_two_things() -> None:
    codes = [code for declaring in ALLERGENS.values() for code in declaring]

    assert len(codes) == len(set(codes))
    assert len(KNOWN) > len(codes)
