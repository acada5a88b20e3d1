"""What every worker together may ask of a supplier."""

from __future__ import annotations

from django.db import models


class Allowance(models.Model):
    """A supplier's token bucket and breaker, shared by all workers: one row for each (source, bucket)."""

    source = models.TextField()
    bucket = models.TextField(default="", help_text="Empty: every request. Else those that its rule names.")
    tokens = models.FloatField(help_text="Requests that may be sent at once, as of filled_at.")
    filled_at = models.DateTimeField()
    failures = models.IntegerField(default=0, help_text="In a row.")
    closed_until = models.DateTimeField(null=True, help_text="Nothing is asked before: a Retry-After, or the breaker.")

    class Meta:
        db_table = "larder_sync_allowance"
        constraints = [models.UniqueConstraint(fields=["source", "bucket"], name="larder_sync_allowance_key")]

    def __str__(self) -> str:
        return f"{self.source} {self.bucket}"
