"""Enums of the schema. Their values are those of the store; what is not known is a value of its own."""

from __future__ import annotations

import enum

import strawberry
from strawberry import enum_value as value


@strawberry.enum(description="How a customer gets what they buy.")
class Channel(enum.Enum):
    """``catalog.models.Channel``."""

    DELIVERY = value("DELIVERY", description="Brought to the customer.")
    PICKUP = value("PICKUP", description="Collected by the customer.")
    DINE_IN = value("DINE_IN", description="Eaten on the spot.")


@strawberry.enum(description="Who a price is for.")
class Audience(enum.Enum):
    """``catalog.models.Audience``."""

    STUDENTS = value("STUDENTS", description="Students.")
    STAFF = value("STAFF", description="Employees.")
    GUESTS = value("GUESTS", description="Everybody else.")


@strawberry.enum(description="Whether an amount includes tax.")
class TaxMode(enum.Enum):
    """``catalog.models.TaxMode``."""

    INCLUDED = value("INCLUDED", description="Tax is in the amount.")
    EXCLUDED = value("EXCLUDED", description="Tax comes on top.")
    UNKNOWN = value("UNKNOWN", description="The supplier did not say.")


@strawberry.enum(description="How the prices of the chosen options enter the item's.")
class PriceMethod(enum.Enum):
    """``catalog.models.PriceMethod``."""

    SUM = value("SUM", description="All of them are added.")
    MAX = value("MAX", description="The highest of them is added.")
    AVG = value("AVG", description="Their mean is added.")
    REPLACE = value("REPLACE", description="The chosen option's price is the item's.")


@strawberry.enum(description="Whether an item can be had.")
class AvailabilityState(enum.Enum):
    """``catalog.models.AvailabilityState`` and UNKNOWN, which is never stored."""

    AVAILABLE = value("AVAILABLE", description="It can be had.")
    SOLD_OUT = value("SOLD_OUT", description="It is on the menu but cannot be had.")
    HIDDEN = value("HIDDEN", description="It must not be shown.")
    UNKNOWN = value("UNKNOWN", description="Nobody confirmed it, or too long ago to rely on.")


@strawberry.enum(description="The fourteen allergens of Annex II of Regulation (EU) No 1169/2011.")
class Allergen(enum.Enum):
    """``catalog.models.Allergen``."""

    CELERY = value("CELERY", description="Celery.")
    CRUSTACEANS = value("CRUSTACEANS", description="Crustaceans.")
    EGGS = value("EGGS", description="Eggs.")
    FISH = value("FISH", description="Fish.")
    GLUTEN = value("GLUTEN", description="Cereals containing gluten.")
    LUPIN = value("LUPIN", description="Lupin.")
    MILK = value("MILK", description="Milk, lactose included.")
    MOLLUSCS = value("MOLLUSCS", description="Molluscs.")
    MUSTARD = value("MUSTARD", description="Mustard.")
    NUTS = value("NUTS", description="Tree nuts.")
    PEANUTS = value("PEANUTS", description="Peanuts.")
    SESAME = value("SESAME", description="Sesame seeds.")
    SOYBEANS = value("SOYBEANS", description="Soybeans.")
    SULPHITES = value("SULPHITES", description="Sulphur dioxide and sulphites.")


@strawberry.enum(description="A diet that an item suits.")
class Diet(enum.Enum):
    """``catalog.models.Diet``."""

    VEGAN = value("VEGAN", description="No animal products.")
    VEGETARIAN = value("VEGETARIAN", description="No meat and no fish.")
