"""Menus, prices and availability as suppliers tell them. Everything sellable is an Item."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Coalesce

from sync.rows import SyncedRow, synced_row_constraints

LIVE = models.Q(deleted_at__isnull=True)


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


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that ``field`` is null or one of ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def subset_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that the array ``field`` is null or holds nothing but ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__contained_by": choices.values}), name=name)


class Source(models.Model):
    """A supplier's account that rows come from."""

    name = models.SlugField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=32, help_text="Which source reads it, e.g. eat_api.")
    account = models.TextField(default="", blank=True, help_text="The account or address at the supplier.")

    class Meta:
        db_table = "larder_source"

    def __str__(self) -> str:
        return self.name


class CatalogRow(SyncedRow):
    """A supplier's row of this application."""

    source = models.ForeignKey(Source, models.PROTECT, db_column="source", related_name="+")

    class Meta(SyncedRow.Meta):
        abstract = True


class Location(CatalogRow):
    """A place that sells."""

    slug = models.SlugField(max_length=128, unique=True)
    name = models.TextField()
    address = models.TextField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    timezone = models.TextField(help_text="IANA name, e.g. Europe/Berlin.")
    currency = models.CharField(max_length=3, help_text="ISO 4217 code.")
    accepting = models.BooleanField(default=True)
    paused_until = models.DateTimeField(null=True)

    class Meta(CatalogRow.Meta):
        db_table = "larder_location"
        ordering = ["name", "id"]
        constraints = [
            *synced_row_constraints(),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="larder_location_currency"),
            models.CheckConstraint(condition=~models.Q(timezone=""), name="larder_location_timezone"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], condition=LIVE, name="larder_location_page"),
            models.Index(fields=["source", "scope"], name="larder_location_scope"),
        ]

    def __str__(self) -> str:
        return self.name


class Menu(CatalogRow):
    """What a location sells through one channel, on one day when ``service_date`` is given."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="menus", db_index=False)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    name = models.TextField()
    service_date = models.DateField(null=True)

    class Meta(CatalogRow.Meta):
        db_table = "larder_menu"
        ordering = ["service_date", "id"]
        constraints = [*synced_row_constraints(), one_of("channel", Channel, "larder_menu_channel")]
        indexes = [
            models.Index(fields=["location", "service_date", "id"], name="larder_menu_by_location"),
            models.Index(fields=["source", "scope"], name="larder_menu_scope"),
        ]

    def __str__(self) -> str:
        return self.name


class Section(CatalogRow):
    """A heading in a menu."""

    menu = models.ForeignKey(Menu, models.CASCADE, related_name="sections", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    name = models.TextField()
    position = models.IntegerField()

    class Meta(CatalogRow.Meta):
        db_table = "larder_section"
        ordering = ["position", "id"]
        constraints = [*synced_row_constraints()]
        indexes = [
            models.Index(fields=["menu", "position", "id"], name="larder_section_by_menu"),
            models.Index(fields=["source", "scope"], name="larder_section_scope"),
        ]

    def __str__(self) -> str:
        return self.name


class Item(CatalogRow):
    """Anything sellable."""

    location = models.ForeignKey(
        Location, models.CASCADE, null=True, related_name="items", help_text="Null when several locations share it."
    )
    name = models.TextField()
    language = models.CharField(max_length=8, help_text="Language of name and description (BCP 47).")
    description = models.TextField(null=True)
    translations = models.JSONField(default=dict, help_text='{"en": {"name": "…", "description": "…"}}')
    media = ArrayField(models.TextField(), default=list, help_text="Image URLs, best first.")
    allergens = ArrayField(models.TextField(), null=True, help_text="Null: undeclared. Empty: declared none.")
    diets = ArrayField(models.TextField(), null=True, help_text="Null: undeclared. Empty: declared none.")
    labels = ArrayField(models.TextField(), default=list, help_text="The supplier's own codes, in its order.")
    search = models.GeneratedField(
        expression=models.Case(
            models.When(
                language="de",
                then=SearchVector("name", weight="A", config="german")
                + SearchVector("description", weight="B", config="german"),
            ),
            models.When(
                language="en",
                then=SearchVector("name", weight="A", config="english")
                + SearchVector("description", weight="B", config="english"),
            ),
            default=SearchVector("name", weight="A", config="simple")
            + SearchVector("description", weight="B", config="simple"),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    sections = models.ManyToManyField(Section, through="Placement", related_name="items")

    class Meta(CatalogRow.Meta):
        db_table = "larder_item"
        ordering = ["id"]
        constraints = [
            *synced_row_constraints(),
            subset_of("allergens", Allergen, "larder_item_allergens"),
            subset_of("diets", Diet, "larder_item_diets"),
        ]
        indexes = [
            models.Index(fields=["source", "scope"], name="larder_item_scope"),
            GinIndex(fields=["search"], name="larder_item_search"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="larder_item_name_trigrams"),
        ]

    def __str__(self) -> str:
        return self.name


class Placement(CatalogRow):
    """An item's place in a section; one item may stand in several sections."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="placements", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="placements")
    position = models.IntegerField()

    class Meta(CatalogRow.Meta):
        db_table = "larder_placement"
        ordering = ["position", "id"]
        constraints = [
            *synced_row_constraints(),
            models.UniqueConstraint(fields=["section", "item"], condition=LIVE, name="larder_placement_once"),
        ]
        indexes = [
            models.Index(fields=["section", "position", "id"], name="larder_placement_by_section"),
            models.Index(fields=["source", "scope"], name="larder_placement_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id} {self.position}"


class Offer(CatalogRow):
    """A price of an item. The most specific of location, channel and audience wins; both parts of a price add up."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="offers", db_index=False)
    location = models.ForeignKey(Location, models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=16, choices=Channel.choices, null=True, help_text="Null: every channel.")
    audience = models.CharField(max_length=16, choices=Audience.choices, null=True, help_text="Null: everyone.")
    amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    original_amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, help_text="ISO 4217 code.")
    tax_mode = models.CharField(max_length=16, choices=TaxMode.choices, default=TaxMode.UNKNOWN)
    per_unit_amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    per_unit = models.TextField(null=True, help_text="What the per-unit part is for, e.g. 100g.")
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)

    class Meta(CatalogRow.Meta):
        db_table = "larder_offer"
        ordering = ["audience", "id"]
        constraints = [
            *synced_row_constraints(),
            one_of("channel", Channel, "larder_offer_channel"),
            one_of("audience", Audience, "larder_offer_audience"),
            one_of("tax_mode", TaxMode, "larder_offer_tax_mode"),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="larder_offer_currency"),
            models.CheckConstraint(
                condition=(models.Q(amount__isnull=True) | models.Q(amount__gte=0))
                & (models.Q(original_amount__isnull=True) | models.Q(original_amount__gte=0))
                & (models.Q(per_unit_amount__isnull=True) | models.Q(per_unit_amount__gte=0)),
                name="larder_offer_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(per_unit_amount__isnull=True, per_unit__isnull=True)
                | models.Q(per_unit_amount__isnull=False, per_unit__isnull=False),
                name="larder_offer_unit",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_from__lt=models.F("valid_until")),
                name="larder_offer_validity",
            ),
            ExclusionConstraint(
                name="larder_offer_equal_rank_overlap",
                expressions=[
                    ("item", RangeOperators.EQUAL),
                    (Coalesce("location", 0), RangeOperators.EQUAL),
                    (Coalesce("channel", models.Value("")), RangeOperators.EQUAL),
                    (Coalesce("audience", models.Value("")), RangeOperators.EQUAL),
                    (
                        models.Func(
                            "valid_from",
                            "valid_until",
                            function="tstzrange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=LIVE,
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [
            models.Index(fields=["item", "audience", "id"], name="larder_offer_by_item"),
            models.Index(fields=["source", "scope"], name="larder_offer_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class PriceChange(models.Model):
    """One entry of the price history: what an offer said from ``recorded_at`` on, written by its publish."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="changes", db_index=False)
    run_id = models.BigIntegerField(help_text="The run that published it.")
    recorded_at = models.DateTimeField(help_text="Start of that run.")
    amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    original_amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    per_unit_amount = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    per_unit = models.TextField(null=True)
    currency = models.CharField(max_length=3)
    deleted = models.BooleanField(default=False, help_text="True when the supplier withdrew the offer.")

    class Meta:
        db_table = "larder_price_change"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["offer", "run_id"], name="larder_price_change_once")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.amount} {self.currency}"


class Availability(CatalogRow):
    """Whether an item can be had at a location through a channel (null: every channel)."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="availabilities", db_index=False)
    location = models.ForeignKey(Location, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=16, choices=Channel.choices, null=True)
    state = models.CharField(max_length=16, choices=AvailabilityState.choices)
    until = models.DateTimeField(null=True, help_text="When the state ends by the clock alone.")
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True, help_text="How many are left.")
    reason = models.TextField(null=True)

    class Meta(CatalogRow.Meta):
        db_table = "larder_availability"
        ordering = ["id"]
        constraints = [
            *synced_row_constraints(),
            one_of("channel", Channel, "larder_availability_channel"),
            one_of("state", AvailabilityState, "larder_availability_state"),
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=True) | models.Q(quantity__gte=0),
                name="larder_availability_quantity",
            ),
            models.UniqueConstraint(
                fields=["item", "location", "channel"],
                condition=LIVE,
                nulls_distinct=False,
                name="larder_availability_once",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "location", "channel"], name="larder_availability_by_item"),
            models.Index(fields=["source", "scope"], name="larder_availability_scope"),
        ]

    def __str__(self) -> str:
        return self.state
