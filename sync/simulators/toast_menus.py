"""A simulated restaurant's menus: the same for whoever asks with the same seed, until they are changed.

Every way to price is among them: lunch and dinner differ for some items, some have a happy hour, pizzas come in sizes,
market fish has an open price, salads are sold by weight as well, and one item is for the staff's eyes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sync.simulators.toast_words import DIPS, GROUPS, KINDS, MODIFIERS, SIZES, STYLES, TAGS, TOWNS

EVERYWHERE = ["POS", "TOAST_ONLINE_ORDERING", "ORDERING_PARTNERS"]
WEEK = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
HOURS = {"Lunch": ("11:00", "15:00"), "Dinner": ("17:00", "01:00")}
HAPPY = [{"days": WEEK[:5], "timeRanges": [{"start": "15:00", "end": "18:00"}]}]
ROUND = len(GROUPS)
"""Menu groups before names repeat."""


class Menus:
    """What one restaurant publishes; ``items`` are how many it has. Change it in place."""

    def __init__(self, seed: int, number: int, items: int) -> None:
        self.rng = Random(f"{seed}/{number}")  # noqa: S311 - a demonstration
        self.guid = self.new_guid()
        self.name = f"{TOWNS[number % len(TOWNS)]} {KINDS[number // len(TOWNS) % len(KINDS)]}"
        self.groups: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.shared = [self.modifier_group(name, choices) for name, choices in MODIFIERS.items()]
        self.nest(self.shared[2], DIPS)
        sold = list(self.dishes(items))
        self.menus = [self.menu(name, sold) for name in HOURS]

    def new_guid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def entity(self, name: str, **more: Any) -> dict[str, Any]:
        """What every thing has."""
        return {"name": name, "guid": self.new_guid(), "description": "", "visibility": EVERYWHERE, **more}

    def price(self, least: int, most: int) -> Decimal:
        """Some price in quarters."""
        return Decimal(self.rng.randint(least * 4, most * 4)) / 4

    def modifier_group(self, name: str, choices: tuple[str, ...], *, sizes: bool = False) -> int:
        """A new group of new options. Returns its reference."""
        references = [self.modifier_option(choice, sizes=sizes) for choice in choices]
        reference = len(self.groups) + 1
        self.groups[str(reference)] = self.entity(
            name,
            referenceId=reference,
            pricingStrategy="NONE",
            pricingRules=None,
            defaultOptionsChargePrice="YES",
            minSelections=1 if sizes else 0,
            maxSelections=1 if sizes else self.rng.choice([None, len(choices)]),
            requiredMode="REQUIRED" if sizes else "OPTIONAL",
            isMultiSelect=not sizes,
            modifierOptionReferences=references,
        )
        return reference

    def modifier_option(self, name: str, *, sizes: bool) -> int:
        reference = len(self.options) + 1
        self.options[str(reference)] = self.entity(
            name,
            referenceId=reference,
            price=self.price(9, 22) if sizes else self.price(0, 3),
            pricingStrategy="BASE_PRICE",
            pricingRules=None,
            isDefault=False,
            unitOfMeasure="NONE",
            modifierGroupReferences=[],
        )
        return reference

    def nest(self, group: int, choices: tuple[str, ...]) -> None:
        """Give the group's first option a group of its own."""
        first = self.groups[str(group)]["modifierOptionReferences"][0]
        self.options[str(first)]["modifierGroupReferences"].append(self.modifier_group("Dip", choices))

    def dishes(self, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Group and item, group by group."""
        for number in range(count):
            heading, names = list(GROUPS.items())[number % ROUND]
            place = number // ROUND
            style = "" if place < len(names) else f"{STYLES[place // len(names) % len(STYLES)]} "
            yield heading, self.item(number, heading, f"{style}{names[place % len(names)]}")

    def item(self, number: int, heading: str, name: str) -> dict[str, Any]:
        item = self.entity(
            name,
            price=self.price(4, 24),
            pricingStrategy="BASE_PRICE",
            pricingRules=None,
            taxInclusion="TAX_NOT_INCLUDED",
            itemTags=[{"name": tag, "guid": self.new_guid()} for tag in TAGS if self.rng.random() < 1 / 8],
            unitOfMeasure="NONE",
            image=f"https://images.example/{number}.jpg",
            images=[],
            modifierGroupReferences=self.rng.sample(self.shared, 2),
        )
        item["description"] = f"{name}, made to order."
        rules: dict[str, Any] = {
            "timeSpecificPricingRules": [],
            "sizeSpecificPricingGuid": None,
            "sizeSequencePricingRules": [],
        }
        if heading == "Pizza":
            size = self.modifier_group("Size", SIZES, sizes=True)
            rules["sizeSpecificPricingGuid"] = self.groups[str(size)]["guid"]
            item |= {"price": None, "pricingStrategy": "SIZE_PRICE", "pricingRules": rules}
            item["modifierGroupReferences"].insert(0, size)
        elif heading == "Drinks":
            timed = {"timeSpecificPrice": item["price"] - 1, "basePrice": item["price"], "schedule": HAPPY}
            rules["timeSpecificPricingRules"] = [timed]
            item |= {"pricingStrategy": "TIME_SPECIFIC_PRICE", "pricingRules": rules}
        elif heading == "Salads" and number % 2:
            item["unitOfMeasure"] = "LB"
        elif heading == "Small Plates":
            item["pricingStrategy"] = "MENU_SPECIFIC_PRICE"
        elif name == "Fish Sandwich":
            item |= {"price": None, "pricingStrategy": "OPEN_PRICE"}
        elif name == "Corn Bread":
            item["visibility"] = []
        return item

    def menu(self, name: str, sold: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        """A menu of all dishes, in groups under Food and Drinks; small plates are dearer at dinner."""
        food, drinks = self.entity("Food", menuGroups=[], menuItems=[]), self.entity("Drinks", menuGroups=[])
        drinks["menuItems"] = [item for heading, item in sold if heading == drinks["name"]]
        for heading in dict.fromkeys(heading for heading, _ in sold if heading != drinks["name"]):
            items = [dict(item) for found, item in sold if found == heading]
            for item in items:
                if item["pricingStrategy"] == "MENU_SPECIFIC_PRICE" and name == "Dinner":
                    item["price"] += 2
            food["menuGroups"].append(self.entity(heading, menuItems=items, menuGroups=[]))
        start, end = HOURS[name]
        hours = [{"days": WEEK, "timeRanges": [{"start": start, "end": end}]}]
        return self.entity(name, availability={"alwaysAvailable": False, "schedule": hours}, menuGroups=[food, drinks])

    def lists(self) -> Iterator[list[dict[str, Any]]]:
        """Every list of items."""
        waiting = list(self.menus)
        while waiting:
            found = waiting.pop(0)
            waiting += found.get("menuGroups", [])
            yield found.get("menuItems", [])

    def items(self) -> list[dict[str, Any]]:
        """Every item, as often as it stands somewhere."""
        return [item for listed in self.lists() for item in listed]

    def published(self) -> dict[str, Any]:
        """As ``/menus/v2/menus`` has it, less guid and time."""
        return {
            "restaurantTimeZone": "America/New_York",
            "menus": self.menus,
            "modifierGroupReferences": self.groups,
            "modifierOptionReferences": self.options,
            "preModifierGroupReferences": {},
        }
