"""What an item costs, and has cost."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from catalog.models.choices import Audience, Channel, TaxMode
from catalog.models.constraints import LIVE, one_of
from catalog.models.item import Item
from catalog.models.location import Location
from catalog.models.options import OptionGroup
from catalog.models.schedule import Schedule
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


class Offer(CatalogRow):
    """A price of an item, or with a group of the item as an option of it.

    The most specific of group, audience, location, channel and schedule wins; both parts of a price add up.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="offers", db_index=False)
    location = models.ForeignKey(Location, models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=16, choices=Channel.choices, null=True, help_text="Null: every channel.")
    audience = models.CharField(max_length=16, choices=Audience.choices, null=True, help_text="Null: everyone.")
    group = models.ForeignKey(
        OptionGroup, models.CASCADE, null=True, related_name="+", db_index=False, help_text="Null: not as an option."
    )
    schedule = models.ForeignKey(
        Schedule, models.CASCADE, null=True, related_name="offers", db_index=False, help_text="When; null: always."
    )
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
                    (Coalesce("group", 0), RangeOperators.EQUAL),
                    (Coalesce("schedule", 0), RangeOperators.EQUAL),
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
            models.Index(fields=["group"], condition=models.Q(group__isnull=False), name="larder_offer_group"),
            models.Index(
                fields=["schedule"], condition=LIVE & models.Q(schedule__isnull=False), name="larder_offer_schedule"
            ),
            models.Index(
                fields=["valid_from"], condition=LIVE & models.Q(valid_from__isnull=False), name="larder_offer_begins"
            ),
            models.Index(
                fields=["valid_until"], condition=LIVE & models.Q(valid_until__isnull=False), name="larder_offer_ends"
            ),
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
