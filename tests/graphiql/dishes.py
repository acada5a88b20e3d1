"""A canteen with dishes to look at."""

from __future__ import annotations

from datetime import date, timedelta

from tests.pantry import Pantry

SLUG = "harbour-canteen"
DISHES = {
    "Soup": ["Carrot and ginger soup", "Fish chowder"],
    "Mains": ["Lentil dal with basmati rice", "Grilled mackerel, potato salad", "Mushroom risotto"],
    "Desserts": ["Lemon posset", "Plum crumble"],
}
PRICES = {"STUDENTS": "3.20", "STAFF": "5.10", "GUESTS": "6.90"}


def serve_dishes(pantry: Pantry) -> None:
    """A canteen with a menu for each of three days from today on, in UTC as the store's clock."""
    location = pantry.location(SLUG, name="Harbour Canteen", address="Quay 7, Kiel")
    today = date.today()  # noqa: DTZ011 - the menus of a day before or after are there as well
    for ahead in range(3):
        menu = pantry.menu(location, today + timedelta(days=ahead))
        for position, (name, dishes) in enumerate(DISHES.items()):
            section = pantry.section(menu, name, position)
            for number, dish in enumerate(dishes):
                if ahead == 0:
                    item = pantry.item(location, dish, language="en", diets=["VEGAN"] if number == 0 else [])
                    for audience, amount in PRICES.items():
                        pantry.offer(item, amount, audience)
                    pantry.availability(item, "SOLD_OUT" if dish == "Lemon posset" else "AVAILABLE")
                else:
                    item = location.items.get(name=dish)
                pantry.place(item, section, number)
