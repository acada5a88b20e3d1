"""Places that sell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from catalog.models.constraints import LIVE
from catalog.models.schedule import Schedule
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints

SUMMARY_HEAD = "larder_location.summary"
"""Moves with what is counted of a location, so that an answer without it does not depend on every sold out item."""


class Location(CatalogRow):
    """A place that sells. The counts and the lowest price follow from other rows, and every publish keeps them so."""

    column_heads: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("item_count", "sold_out_count", "lowest_price"), SUMMARY_HEAD
    )

    slug = models.SlugField(max_length=128, unique=True)
    name = models.TextField()
    address = models.TextField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    timezone = models.TextField(help_text="IANA name, e.g. Europe/Berlin.")
    currency = models.CharField(max_length=3, help_text="ISO 4217 code.")
    accepting = models.BooleanField(default=True)
    paused_until = models.DateTimeField(null=True)
    schedule = models.ForeignKey(
        Schedule, models.SET_NULL, null=True, related_name="+", help_text="Opening hours; null: not told."
    )
    item_count = models.IntegerField(db_default=0, help_text="Items on its menus of today and later.")
    sold_out_count = models.IntegerField(db_default=0, help_text="Those of them that are sold out.")
    lowest_price = models.DecimalField(
        max_digits=15, decimal_places=4, null=True, help_text="The least that one of them costs a guest."
    )

    class Meta(CatalogRow.Meta):
        db_table = "larder_location"
        ordering = ["name", "id"]
        constraints = [
            *synced_row_constraints(),
            models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="larder_location_currency"),
            models.CheckConstraint(condition=~models.Q(timezone=""), name="larder_location_timezone"),
            models.CheckConstraint(
                condition=models.Q(item_count__gte=0) & models.Q(sold_out_count__range=(0, models.F("item_count"))),
                name="larder_location_counts",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], condition=LIVE, name="larder_location_page"),
            models.Index(fields=["source", "scope"], name="larder_location_scope"),
        ]

    def __str__(self) -> str:
        return self.name
