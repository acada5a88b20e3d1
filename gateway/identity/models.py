"""Identity's tables. ``keys`` writes API keys; viewers are the operator's."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ApiKey(models.Model):
    """A key that a client was given. Its secret is nowhere: only the digest of it is stored."""

    id = models.TextField(primary_key=True, help_text="The part of the key that is no secret.")
    name = models.TextField(help_text="Who has it. The keys of one name are one subject: key:<name>.")
    secret_sha256 = models.BinaryField(help_text="SHA-256 of the secret, which is 256 random bits.")
    scopes = ArrayField(models.TextField(), db_default=[])
    facets = models.JSONField(db_default={}, help_text="Facet name to value, both text.")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="To the minute.")

    class Meta:
        db_table = "larder_api_key"
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        indexes = [models.Index(fields=["name"], name="larder_api_key_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class StoredViewer(models.Model):
    """What is known of a subject beside what its credential says."""

    subject = models.TextField(primary_key=True, help_text="key:<name>, user:<id> or jwt:<sub>.")
    scopes = ArrayField(models.TextField(), db_default=[], blank=True)
    facets = models.JSONField(db_default={}, blank=True, help_text="Facet name to value, both text.")

    class Meta:
        db_table = "larder_viewer"
        verbose_name = "viewer"

    def __str__(self) -> str:
        return self.subject
