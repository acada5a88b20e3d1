"""What ``CatalogItemFoodAndBeverageDetails`` declares about allergens and diets."""

from __future__ import annotations

from sync.sources.square.catalog_shapes import FoodDetails

SAME = "CELERY CRUSTACEANS EGGS FISH GLUTEN LUPIN MILK MOLLUSCS MUSTARD PEANUTS SESAME SULPHITES"
ALLERGENS = {**{name: name for name in SAME.split()}, "SOY": "SOYBEANS", "TREE_NUTS": "NUTS"}
"""Square's standard ingredient -> allergen of Annex II of Regulation (EU) No 1169/2011."""

DIETS = {"VEGAN": ("VEGAN", "VEGETARIAN"), "VEGETARIAN": ("VEGETARIAN",)}


def allergens(details: FoodDetails | None) -> tuple[str, ...] | None:
    """The allergens that are declared, sorted; None when none is: Square cannot say "none"."""
    names = standard(details, "ingredients")
    return tuple(sorted({ALLERGENS[name] for name in names if name in ALLERGENS})) or None


def diets(details: FoodDetails | None) -> tuple[str, ...] | None:
    """The diets that are declared, sorted; None when none is."""
    names = standard(details, "dietary_preferences")
    return tuple(sorted({diet for name in names for diet in DIETS.get(name, ())})) or None


def labels(details: FoodDetails | None) -> tuple[str, ...]:
    """Square's own words for both, in its order."""
    return tuple(dict.fromkeys([*standard(details, "dietary_preferences"), *standard(details, "ingredients")]))


def standard(details: FoodDetails | None, part: str) -> list[str]:
    declared = getattr(details, part, None) or ()
    return [one.standard_name for one in declared if one.standard_name]
