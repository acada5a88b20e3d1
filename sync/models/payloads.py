"""What suppliers answered, as they answered it."""

from __future__ import annotations

from django.db import models

from sync.models.runs import Run


class Body(models.Model):
    """The bytes of answers, kept once however often they came."""

    sha256 = models.BinaryField(primary_key=True, help_text="Of the bytes as they came.")
    content = models.BinaryField(help_text="The bytes, compressed with zstd.")
    kept_at = models.DateTimeField(help_text="When they came last.")

    class Meta:
        db_table = "larder_sync_body"

    def __str__(self) -> str:
        return bytes(self.sha256).hex()


class Payload(models.Model):
    """One answer that a run got, so that the run can be done again without the supplier."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="payloads")
    number = models.IntegerField(help_text="Its place among the run's answers, from 0.")
    request = models.TextField(help_text="Method, path and digest of the body: what was asked.")
    status = models.SmallIntegerField()
    headers = models.JSONField(default=dict, help_text="Those that sources read, names in lower case.")
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", help_text="Null: none, as in a 304.")

    class Meta:
        db_table = "larder_sync_payload"
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="larder_sync_payload_once")]

    def __str__(self) -> str:
        return f"{self.request} {self.status}"
