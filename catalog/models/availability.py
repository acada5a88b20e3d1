"""Whether an item can be had."""

from __future__ import annotations

from django.db import models

from catalog.models.choices import AvailabilityState, Channel
from catalog.models.constraints import LIVE, one_of
from catalog.models.item import Item
from catalog.models.location import Location
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


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
