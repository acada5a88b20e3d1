"""The words of simulated restaurants. One part a line: ``heading: things under it``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOWNS = ("Harbor", "Mill Creek", "Old Station", "Cedar Hill", "Lakeside", "Union Square", "Northgate", "Riverside")
KINDS = ("Grill", "Kitchen", "Diner", "Tavern")


def table(text: str) -> Mapping[str, tuple[str, ...]]:
    """A heading a line, and what stands under it."""
    lines = (line.partition(": ") for line in text.strip().splitlines())
    return MappingProxyType({heading: tuple(things.split(", ")) for heading, _, things in lines})


GROUPS = table("""
Burgers: Smash Burger, Bacon Cheeseburger, Mushroom Swiss Burger, Black Bean Burger, Patty Melt, Turkey Burger
Pizza: Margherita, Pepperoni, White Pie, Garden Pie, Sausage and Peppers, Buffalo Chicken Pie
Salads: Caesar Salad, Cobb Salad, House Salad, Beet and Goat Cheese Salad, Kale Salad, Wedge Salad
Sandwiches: Club Sandwich, Reuben, Fish Sandwich, Grilled Cheese, Pulled Pork Sandwich, Falafel Wrap
Small Plates: Onion Rings, Loaded Nachos, Wings, Fried Pickles, Hummus Plate, Crab Cakes
Desserts: Key Lime Pie, Brownie Sundae, Cheesecake, Apple Crisp, Bread Pudding, Sorbet
Drinks: Iced Tea, Lemonade, Root Beer, Cold Brew, Ginger Ale, Orange Juice
Sides: French Fries, Coleslaw, Mashed Potatoes, Mac and Cheese, Side Salad, Corn Bread
""")

STYLES = ("Classic", "Spicy", "Smoked", "Seasonal", "Double", "Kids'", "Grilled", "Sweet", "Crispy", "Loaded")

MODIFIERS = table("""
Temperature: Rare, Medium, Well Done
Add-ons: Bacon, Avocado, Fried Egg, Extra Cheese, Jalapeños
Choice of Side: Fries, Slaw, Side Greens
Dressing: Ranch, Balsamic, Blue Cheese
""")
DIPS = ("Aioli", "Ketchup", "Honey Mustard")
SIZES = ("Small", "Large")
TAGS = ("Vegetarian", "Gluten Free", "Spicy", "Popular")
