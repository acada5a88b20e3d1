"""Streams: leases, cursors, and what operators decided about them."""

from __future__ import annotations

from django.db import models


class Stream(models.Model):
    """The lease and the cursor of one stream of one source."""

    source = models.TextField()
    name = models.TextField()
    cursor = models.JSONField(default=dict, help_text="What the last published run left for the next one.")
    fence = models.BigIntegerField(
        default=0, help_text="Number of the newest lease; a run with an older one may not write."
    )
    leased_until = models.DateTimeField(null=True)
    held = models.JSONField(default=dict, help_text="Unit of freshness to digest of what the loss guard held back.")

    pinned_run = models.ForeignKey(
        "larder_sync.Run",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The run at whose outcome the stream stays until an operator releases it.",
    )

    class Meta:
        db_table = "larder_sync_stream"
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="larder_sync_stream_key")]

    def __str__(self) -> str:
        return f"{self.source}/{self.name}"
