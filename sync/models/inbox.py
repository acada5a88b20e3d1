"""What suppliers told by themselves."""

from __future__ import annotations

from django.db import models


class Delivery(models.Model):
    """A webhook's delivery: taken once, and done with when a run that saw it publishes."""

    source = models.TextField()
    event_id = models.TextField(help_text="The supplier's id of the event, or a digest of what it sent.")
    stream = models.TextField(help_text="The stream that it concerns.")
    received_at = models.DateTimeField()
    body = models.BinaryField(null=True, help_text="What a run has to read; null when the delivery only says: ask.")
    done_at = models.DateTimeField(null=True, help_text="When a run that saw it was published.")

    class Meta:
        db_table = "larder_sync_delivery"
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="larder_sync_delivery_once")]
        indexes = [
            models.Index(
                fields=["source", "stream", "id"],
                condition=models.Q(done_at__isnull=True),
                name="larder_sync_delivery_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"
