"""Records on their way into the store."""

from __future__ import annotations

from django.db import models


class Staged(models.Model):
    """One record of a run between T1 and T3 (an UNLOGGED table, filled by COPY, emptied with its run)."""

    run_id = models.BigIntegerField()
    kind = models.TextField()
    scope = models.TextField()
    confirms = models.TextField()
    key = models.TextField()
    version = models.TextField(null=True)
    node_id = models.UUIDField(null=True)
    content_hash = models.UUIDField(null=True)
    row = models.JSONField(null=True, help_text="The target's columns; null for a tombstone or a refused row.")
    problem = models.TextField(null=True, help_text="Why the row is refused; null when it is good.")
    offender = models.TextField(null=True, help_text="The value that breaks the rule, shortened.")

    class Meta:
        db_table = "larder_sync_staged"
        indexes = [models.Index(fields=["run_id", "kind", "key"], name="larder_sync_staged_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of run {self.run_id}"
