"""Rows that the store refuses at present."""

from __future__ import annotations

from django.db import models


class Quarantined(models.Model):
    """A row whose newest version is refused: an older one stands in the store, or none."""

    source = models.TextField()
    kind = models.TextField()
    key = models.TextField()
    scope = models.TextField()
    rule = models.TextField(help_text="The rule that it breaks.")
    value = models.TextField(help_text="The offending value, shortened.")
    content_hash = models.UUIDField(null=True, help_text="Digest of what was said; null when it could not be read.")
    since = models.DateTimeField(help_text="Start of the run that refused it first.")
    run_id = models.BigIntegerField(help_text="The run that refused it last.")
    accepted_hash = models.UUIDField(null=True, help_text="What an operator accepted although a guard refuses it.")

    class Meta:
        db_table = "larder_sync_quarantine"
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="larder_sync_quarantine_key")]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.key}: {self.rule}: {self.value}"
