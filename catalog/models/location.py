"""Places that sell."""

from __future__ import annotations

from django.db import models

from catalog.models.constraints import LIVE
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


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
