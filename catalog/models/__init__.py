"""Menus, prices and availability as suppliers tell them. Django finds an app's models here."""

from catalog.models.availability import Availability
from catalog.models.choices import Allergen, Audience, AvailabilityState, Channel, Diet, PriceMethod, TaxMode
from catalog.models.item import Item
from catalog.models.location import Location
from catalog.models.menu import Menu, Placement, Section
from catalog.models.offer import Offer, PriceChange
from catalog.models.options import GroupOption, ItemGroup, OptionGroup
from catalog.models.schedule import Schedule
from catalog.models.source import CatalogRow, Source

__all__ = [
    "Allergen",
    "Audience",
    "Availability",
    "AvailabilityState",
    "CatalogRow",
    "Channel",
    "Diet",
    "GroupOption",
    "Item",
    "ItemGroup",
    "Location",
    "Menu",
    "Offer",
    "OptionGroup",
    "Placement",
    "PriceChange",
    "PriceMethod",
    "Schedule",
    "Section",
    "Source",
    "TaxMode",
]
