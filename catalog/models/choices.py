"""The vocabularies of the catalog. The schema shows the same values."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    """How a customer gets what they buy."""

    DELIVERY = "DELIVERY"
    PICKUP = "PICKUP"
    DINE_IN = "DINE_IN"


class Audience(models.TextChoices):
    """Who a price is for."""

    STUDENTS = "STUDENTS"
    STAFF = "STAFF"
    GUESTS = "GUESTS"


class TaxMode(models.TextChoices):
    """Whether an amount includes tax."""

    INCLUDED = "INCLUDED"
    EXCLUDED = "EXCLUDED"
    UNKNOWN = "UNKNOWN"


class PriceMethod(models.TextChoices):
    """How the prices of the chosen options enter the item's."""

    SUM = "SUM"
    MAX = "MAX"
    AVG = "AVG"
    REPLACE = "REPLACE"


class AvailabilityState(models.TextChoices):
    """Whether an item can be had. UNKNOWN is never stored: it is what an unconfirmed value reads as."""

    AVAILABLE = "AVAILABLE"
    SOLD_OUT = "SOLD_OUT"
    HIDDEN = "HIDDEN"


class Allergen(models.TextChoices):
    """The fourteen allergens of Annex II of Regulation (EU) No 1169/2011."""

    CELERY = "CELERY"
    CRUSTACEANS = "CRUSTACEANS"
    EGGS = "EGGS"
    FISH = "FISH"
    GLUTEN = "GLUTEN"
    LUPIN = "LUPIN"
    MILK = "MILK"
    MOLLUSCS = "MOLLUSCS"
    MUSTARD = "MUSTARD"
    NUTS = "NUTS"
    PEANUTS = "PEANUTS"
    SESAME = "SESAME"
    SOYBEANS = "SOYBEANS"
    SULPHITES = "SULPHITES"


class Diet(models.TextChoices):
    """A diet that an item suits."""

    VEGAN = "VEGAN"
    VEGETARIAN = "VEGETARIAN"
