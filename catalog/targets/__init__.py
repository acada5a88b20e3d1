"""How neutral supplier records become rows of this application: a registry, in publish order."""

from __future__ import annotations

from catalog import models
from catalog.targets.availability import DEFAULT, availability_row, sold_at_location
from catalog.targets.hours import schedule_row
from catalog.targets.menus import item_row, location_row, menu_row, placement_row, section_row
from catalog.targets.offers import offer_row
from catalog.targets.options import group_option_row, item_group_row, option_group_row
from catalog.targets.summaries import LOCATIONS
from sync.targets import Exclusive, History, Move, Population, Target, TargetSet

MENU, PRICE, AVAILABILITY = "menu", "price", "availability"

TARGETS = TargetSet(
    source_model=models.Source,
    targets=(
        Target("schedule", models.Schedule, MENU, schedule_row),
        Target("location", models.Location, MENU, location_row, {"schedule": "schedule"}),
        Target("menu", models.Menu, MENU, menu_row, {"location": "location", "schedule": "schedule"}),
        Target(
            "section",
            models.Section,
            MENU,
            section_row,
            {"menu": "menu", "parent": "section", "schedule": "schedule"},
        ),
        Target("item", models.Item, MENU, item_row, {"location": "location"}),
        Target("placement", models.Placement, MENU, placement_row, {"section": "section", "item": "item"}),
        Target("option_group", models.OptionGroup, MENU, option_group_row),
        Target("group_option", models.GroupOption, MENU, group_option_row, {"group": "option_group", "item": "item"}),
        Target("item_group", models.ItemGroup, MENU, item_group_row, {"item": "item", "group": "option_group"}),
        Target(
            "offer",
            models.Offer,
            PRICE,
            offer_row,
            {"item": "item", "location": "location", "group": "option_group", "schedule": "schedule"},
            history=History(
                models.PriceChange,
                "offer",
                ("amount", "original_amount", "per_unit_amount", "per_unit", "currency"),
            ),
            move=Move("price", ("amount", "per_unit_amount"), unit="currency"),
            exclusive=Exclusive(
                "prices of equal rank must not overlap",
                ("item", "location", "channel", "audience", "group", "schedule"),
                "valid_from",
                "valid_until",
            ),
        ),
        Target(
            "availability",
            models.Availability,
            AVAILABILITY,
            availability_row,
            {"item": "item", "location": "location"},
            population=Population(rows=sold_at_location, columns=("item", "location"), default=DEFAULT),
        ),
    ),
    derived=(LOCATIONS,),
)
