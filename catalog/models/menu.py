"""What a location sells, and where in it an item stands."""

from __future__ import annotations

from django.db import models

from catalog.models.choices import Channel
from catalog.models.constraints import LIVE, one_of
from catalog.models.location import Location
from catalog.models.schedule import Schedule
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


class Menu(CatalogRow):
    """What a location sells through one channel, on one day when ``service_date`` is given."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="menus", db_index=False)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    name = models.TextField()
    service_date = models.DateField(null=True)
    schedule = models.ForeignKey(
        Schedule, models.SET_NULL, null=True, related_name="+", help_text="When it is served; null: always."
    )

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
    schedule = models.ForeignKey(
        Schedule, models.SET_NULL, null=True, related_name="+", help_text="When it is served; null: as its menu is."
    )

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


class Placement(CatalogRow):
    """An item's place in a section; one item may stand in several sections."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="placements", db_index=False)
    item = models.ForeignKey("Item", models.CASCADE, related_name="placements")
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
