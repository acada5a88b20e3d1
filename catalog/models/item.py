"""Anything sellable."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from catalog.models.choices import Allergen, Diet
from catalog.models.constraints import subset_of
from catalog.models.location import Location
from catalog.models.menu import Section
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


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
