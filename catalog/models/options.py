"""Choices that an item offers: groups of options, which are items themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from catalog.models.choices import PriceMethod
from catalog.models.constraints import LIVE, one_of
from catalog.models.item import Item
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


class OptionGroup(CatalogRow):
    """A choice to make: at least ``least`` and at most ``most`` (null: no limit) of its options."""

    name = models.TextField()
    language = models.CharField(max_length=8, help_text="Language of the name (BCP 47).")
    translations = models.JSONField(default=dict, help_text='{"en": {"name": "…"}}')
    least = models.IntegerField(default=0)
    most = models.IntegerField(null=True, help_text="Null: no limit.")
    price_method = models.CharField(
        max_length=16,
        choices=PriceMethod.choices,
        default=PriceMethod.SUM,
        help_text="How the options' prices enter the item's.",
    )

    class Meta(CatalogRow.Meta):
        db_table = "larder_option_group"
        ordering = ["id"]
        constraints = [
            *synced_row_constraints(),
            one_of("price_method", PriceMethod, "larder_option_group_price_method"),
            models.CheckConstraint(condition=Q(least__gte=0), name="larder_option_group_least"),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gte=F("least")), name="larder_option_group_most"
            ),
        ]
        indexes = [models.Index(fields=["source", "scope"], name="larder_option_group_scope")]

    def __str__(self) -> str:
        return self.name


class GroupOption(CatalogRow):
    """An option of a group: an item, which may have groups of its own."""

    group = models.ForeignKey(OptionGroup, models.CASCADE, related_name="options", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="group_options")
    position = models.IntegerField()
    preselected = models.BooleanField(default=False)

    class Meta(CatalogRow.Meta):
        db_table = "larder_group_option"
        ordering = ["position", "id"]
        constraints = [
            *synced_row_constraints(),
            models.UniqueConstraint(fields=["group", "item"], condition=LIVE, name="larder_group_option_once"),
        ]
        indexes = [
            models.Index(fields=["group", "position", "id"], name="larder_group_option_by_group"),
            models.Index(fields=["source", "scope"], name="larder_group_option_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.position}"


class ItemGroup(CatalogRow):
    """A group that an item offers. ``least`` and ``most`` override the group's where the supplier overrides them."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="item_groups", db_index=False)
    group = models.ForeignKey(OptionGroup, models.CASCADE, related_name="item_groups")
    position = models.IntegerField()
    least = models.IntegerField(null=True, help_text="Null: the group's.")
    most = models.IntegerField(null=True, help_text="Null: the group's, or no limit where it is overridden.")
    most_overridden = models.BooleanField(default=False)

    class Meta(CatalogRow.Meta):
        db_table = "larder_item_group"
        ordering = ["position", "id"]
        constraints = [
            *synced_row_constraints(),
            models.CheckConstraint(condition=Q(least__isnull=True) | Q(least__gte=0), name="larder_item_group_least"),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | (Q(most__gte=0) & (Q(least__isnull=True) | Q(most__gte=F("least")))),
                name="larder_item_group_most",
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most_overridden=True), name="larder_item_group_overridden"
            ),
            models.UniqueConstraint(fields=["item", "group"], condition=LIVE, name="larder_item_group_once"),
        ]
        indexes = [
            models.Index(fields=["item", "position", "id"], name="larder_item_group_by_item"),
            models.Index(fields=["source", "scope"], name="larder_item_group_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.position}"
