"""Suppliers, and what every row of theirs carries."""

from __future__ import annotations

from django.db import models

from sync.rows import SyncedRow


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
