"""The label codes of eat-api, what they mean, and which follow from which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

LABELS: Mapping[str, tuple[str, str, str]] = {
    "GLUTEN": ("Glutenhaltiges Getreide", "cereals containing gluten", "Gl"),
    "WHEAT": ("Weizen", "wheat", "GlW"),
    "RYE": ("Roggen", "rye", "GlR"),
    "BARLEY": ("Gerste", "barley", "GlG"),
    "OAT": ("Hafer", "oat", "GlH"),
    "SPELT": ("Dinkel", "spelt", "GlD"),
    "SHELLFISH": ("Krebstiere", "shellfish", "Kr"),
    "CHICKEN_EGGS": ("Eier", "egg", "Ei"),
    "FISH": ("Fisch", "fish", "Fi"),
    "PEANUTS": ("Erdnüsse", "peanut", "En"),
    "SOY": ("Soja", "soy", "So"),
    "MILK": ("Milch", "milk", "Mi"),
    "LACTOSE": ("Laktose", "lactose", "La"),
    "ALMONDS": ("Mandeln", "almonds", "ScM"),
    "HAZELNUTS": ("Haselnüsse", "hazelnuts", "ScH"),
    "WALNUTS": ("Walnüsse", "walnuts", "ScW"),
    "CASHEWS": ("Cashewnüsse", "cashews", "ScC"),
    "PISTACHIOS": ("Pistazien", "pistachios", "ScP"),
    "SHELL_FRUITS": ("Schalenfrüchte", "shell fruits", "Sc"),
    "CELERY": ("Sellerie", "celery", "Sl"),
    "MUSTARD": ("Senf", "mustard", "Sf"),
    "SESAME": ("Sesam", "sesame", "Se"),
    "SULPHURS": ("Schwefeldioxid", "sulphurs", "Sw"),
    "SULFITES": ("Sulfite", "sulfites", "Su"),
    "LUPIN": ("Lupine", "lupin", "Lu"),
    "MOLLUSCS": ("Weichtiere", "molluscs", "We"),
    "DYESTUFF": ("Farbstoff", "dyestuff", "1"),
    "PRESERVATIVES": ("Konservierungsstoff", "preservatives", "2"),
    "ANTIOXIDANTS": ("Antioxidationsmittel", "antioxidants", "3"),
    "PHOSPHATES": ("Phosphat", "phosphates", "8"),
    "SWEETENERS": ("Süßungsmittel", "sweeteners", "9"),
    "COCOA_CONTAINING_GREASE": ("Kakaohaltige Fettglasur", "cocoa-containing grease", "13"),
    "GELATIN": ("Gelatine", "gelatin", "14"),
    "ALCOHOL": ("Alkohol", "alcohol", "99"),
    "GARLIC": ("Knoblauch", "garlic", "Kn"),
    "CEREAL": ("Getreide", "cereal", "Ge"),
    "PORK": ("Schweinefleisch", "pork", "S"),
    "BEEF": ("Rindfleisch", "beef", "R"),
    "VEAL": ("Kalbfleisch", "veal", "K"),
    "LAMB": ("Lammfleisch", "lamb", "L"),
    "POULTRY": ("Geflügel", "poultry", "G"),
    "WILD_MEAT": ("Wild", "wild meat", "W"),
    "MEAT": ("Fleisch", "meat", "F"),
    "VEGETARIAN": ("Vegetarisch", "vegetarian", "f"),
    "VEGAN": ("Vegan", "vegan", "v"),
}
"""Code -> (German, English, abbreviation)."""

MEATS = frozenset({"PORK", "BEEF", "VEAL", "LAMB", "POULTRY", "WILD_MEAT"})
NOT_VEGETARIAN = MEATS | {"MEAT", "FISH", "SHELLFISH", "MOLLUSCS", "GELATIN"}
NOT_VEGAN = NOT_VEGETARIAN | {"MILK", "LACTOSE", "CHICKEN_EGGS"}

IMPLIED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("WHEAT", "RYE", "BARLEY", "OAT", "SPELT"), ("GLUTEN", "CEREAL")),
    **dict.fromkeys(("ALMONDS", "HAZELNUTS", "WALNUTS", "CASHEWS", "PISTACHIOS"), ("SHELL_FRUITS",)),
    **dict.fromkeys(MEATS, ("MEAT",)),
    "MILK": ("LACTOSE",),
    "SULFITES": ("SULPHURS",),
}


def declared(ingredients: Iterable[str]) -> list[str]:
    """All labels of a dish made of ``ingredients`` (codes), sorted: with what they imply and the diets it suits."""
    labels = set(ingredients)
    labels.update(implied for label in ingredients for implied in IMPLIED.get(label, ()))
    if not labels & NOT_VEGETARIAN:
        labels.add("VEGETARIAN")
    if not labels & NOT_VEGAN:
        labels.add("VEGAN")
    return sorted(labels)


def label_list() -> list[dict[str, Any]]:
    """``/enums/labels.json``."""
    return [
        {"enum_name": code, "text": {"DE": german, "EN": english}, "abbreviation": abbreviation}
        for code, (german, english, abbreviation) in LABELS.items()
    ]
