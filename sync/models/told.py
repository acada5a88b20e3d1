"""What scopes said when they were last published."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Told(models.Model):
    """A scope that stands in the store exactly as its supplier said it: saying it again changes nothing.

    Gone as soon as anything else changes rows of ``tables``, of the source or by hand.
    """

    pk = models.CompositePrimaryKey("source", "stream", "scope")
    source = models.TextField()
    stream = models.TextField()
    scope = models.TextField()
    digest = models.UUIDField(help_text="Of its records in their order, and of the code that reads them.")
    tables = ArrayField(
        models.TextField(), help_text="The tables of its stream's records, and those that they refer to."
    )

    class Meta:
        db_table = "larder_sync_told"

    def __str__(self) -> str:
        return f"{self.source}/{self.stream} {self.scope}"
