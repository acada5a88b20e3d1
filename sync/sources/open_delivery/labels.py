"""What ``NutritionalInfo`` says about allergens and diets."""

from __future__ import annotations

from typing import Any

from sync.sources.open_delivery.shapes import Unreadable, shown

ALLERGENS = {
    "CELERY": ("CELERY",),
    "CRUSTACEANS": ("CRUSTACEANS",),
    "EGGS": ("EGGS",),
    "FISH": ("FISH",),
    "GLUTEN": ("BARLEY", "CEREALS_CONTAINING_GLUTEN", "GLUTEN", "KAMUT", "OAT", "RYE", "SPELT", "WHEAT"),
    "LUPIN": ("LUPINE",),
    "MILK": ("LACTOSE", "MILK"),
    "MOLLUSCS": ("MOLLUSCS",),
    "MUSTARD": ("MUSTARD",),
    "NUTS": (
        "ALMONDS",
        "BRAZIL_NUTS",
        "CASHEW_NUTS",
        "HAZELNUTS",
        "MACADAMIA_NUTS",
        "PECAN_NUTS",
        "PISTACHIOS",
        "QUEENSLAND_NUTS",
        "TREE_NUTS",
        "TREE_NUT_TRACES",
        "WALNUTS",
    ),
    "PEANUTS": ("PEANUTS",),
    "SESAME": ("SESAME_SEEDS",),
    "SOYBEANS": ("SOYBEANS",),
    "SULPHITES": ("SULPHUR_DIOXIDE",),
}
"""Allergen of Annex II of Regulation (EU) No 1169/2011 -> the codes that declare it."""

DIETS = {"VEGAN": ("VEGAN",), "VEGETARIAN": ("VEGAN", "VEGETARIAN")}

NONE_OF_THEM = """
    ALCOHOL ALPHA_ISOMETHYL_IONONE AMYL_CINNAMAL ANISE_ALCOHOL BENZYL_ALCOHOL BENZYL_BENZOATE BENZYL_CINNAMATE
    BENZYL_SALICYLATE BUTYLPHENYL_METHYLPROPIONATE CARROTS CINNAMAL CINNAMYL_ALCOHOL CITRAL CITRONELLOL COCOA CORIANDER
    CORN COUMARIN EUGENOL EVERNIA_FURFURACEA EVERNIA_PRUNASTRI FARNESOL GERANIOL HEXYL_CINNAMAL HYDROXYCITRONELLAL
    METHYL_2_OCTYNOATE NO_DECLARED_ALLERGENS PEAS
"""
"""Without POD_FRUITS, which may be lupin or peanuts."""

KNOWN = frozenset([code for codes in ALLERGENS.values() for code in codes] + NONE_OF_THEM.split())


def codes(info: Any, name: str) -> list[str]:
    """A list of codes, [] when there is none. Raises ``Unreadable``."""
    found = [] if info is None or info.get(name) is None else info[name]
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found):
        raise Unreadable(f"{name} must be a list of codes", shown(found))
    return found


def read_info(info: Any) -> dict[str, Any]:
    """Allergens, diets and labels of an item, as ``ItemRecord`` has them. Raises ``Unreadable``.

    Labels are all codes as the supplier wrote them, and ALCOHOLIC.
    """
    if info is not None and not isinstance(info, dict):
        raise Unreadable("nutritionalInfo must be an object", shown(info))
    declared, suits, additives = (codes(info, name) for name in ("allergen", "suitableDiet", "additives"))
    alcoholic = ["ALCOHOLIC"] if info is not None and info.get("isAlcoholic") is True else []
    return {
        "allergens": allergens(declared),
        "diets": diets(suits),
        "labels": tuple(dict.fromkeys([*declared, *suits, *additives, *alcoholic])),
    }


def allergens(declared: list[str]) -> tuple[str, ...] | None:
    """The allergens that codes declare; None when they declare none but leave room for doubt, as no code does."""
    found = tuple(allergen for allergen, declaring in ALLERGENS.items() if set(declared).intersection(declaring))
    return found if found or (declared and KNOWN.issuperset(declared)) else None


def diets(suits: list[str]) -> tuple[str, ...] | None:
    """The diets that codes declare; None without any code."""
    return tuple(diet for diet, codes in DIETS.items() if set(suits).intersection(codes)) if suits else None
