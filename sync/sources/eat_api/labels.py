"""What eat-api's label codes say about allergens and diets (``/enums/labels.json``)."""

from __future__ import annotations

from collections.abc import Iterable

ALLERGENS = {
    "CELERY": ("CELERY",),
    "CRUSTACEANS": ("SHELLFISH",),
    "EGGS": ("CHICKEN_EGGS",),
    "FISH": ("FISH",),
    "GLUTEN": ("BARLEY", "CEREAL", "GLUTEN", "HYBRIDS", "OAT", "RYE", "SPELT", "WHEAT"),
    "LUPIN": ("LUPIN",),
    "MILK": ("LACTOSE", "MILK"),
    "MOLLUSCS": ("MOLLUSCS",),
    "MUSTARD": ("MUSTARD",),
    "NUTS": ("ALMONDS", "CASHEWS", "HAZELNUTS", "MACADAMIA", "PECAN", "PISTACHIOS", "SHELL_FRUITS", "WALNUTS"),
    "PEANUTS": ("PEANUTS",),
    "SESAME": ("SESAME",),
    "SOYBEANS": ("SOY",),
    "SULPHITES": ("SULFITES", "SULPHURS"),
}
"""Allergen of Annex II of Regulation (EU) No 1169/2011 -> the codes that declare it."""

DIETS = {"VEGAN": ("VEGAN",), "VEGETARIAN": ("VEGAN", "VEGETARIAN")}

NEITHER = """
    ALCOHOL ANTIOXIDANTS BAVARIA BEEF COCOA_CONTAINING_GREASE DYESTUFF FLAVOR_ENHANCER GARLIC GELATIN LAMB MEAT MSC
    PHENYLALANINE PHOSPHATES PORK POULTRY PRESERVATIVES SWEETENERS VEAL WAXED WILD_MEAT
"""

KNOWN = frozenset(
    [code for codes in (*ALLERGENS.values(), *DIETS.values()) for code in codes] + NEITHER.split(),
)


def allergens(labels: Iterable[str]) -> tuple[str, ...] | None:
    """The allergens that ``labels`` declare, sorted; None when they declare none but leave room for doubt.

    A dish without any label is undeclared, and a code that this table does not know might be an allergen.
    """
    codes = set(labels)
    found = tuple(allergen for allergen, declaring in ALLERGENS.items() if codes.intersection(declaring))
    return found if found or (codes and codes <= KNOWN) else None


def diets(labels: Iterable[str]) -> tuple[str, ...] | None:
    """The diets that ``labels`` declare, sorted; None for a dish without any label."""
    codes = set(labels)
    return tuple(diet for diet, declaring in DIETS.items() if codes.intersection(declaring)) if codes else None
