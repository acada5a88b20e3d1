"""What the CDN was told."""

from __future__ import annotations

from django.db import models


class Purge(models.Model):
    """The version of a head that the CDN was told of last."""

    head = models.TextField(primary_key=True)
    version = models.BigIntegerField()
    again_at = models.DateTimeField(null=True, help_text="When it is told once more; null: that is done.")

    class Meta:
        db_table = "larder_purge"

    def __str__(self) -> str:
        return f"{self.head} {self.version}"
