"""The registry's tables. ``deployments``, ``budgeting`` and ``usage`` write them; Django's admin shows them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Document(models.Model):
    """The text of a request, known by the SHA-256 of its exact UTF-8 bytes."""

    sha256 = models.TextField(primary_key=True)
    text = models.TextField()
    bytes = models.IntegerField(help_text="Of the text in UTF-8.")
    normal_sha256 = models.TextField(help_text="SHA-256 of the form under which safelisting compares.")
    created_at = models.DateTimeField(db_default=Now())
    budget = models.JSONField(null=True, help_text="Limits of its own, by name; null: as the settings say.")

    class Meta:
        db_table = "larder_document"
        indexes = [models.Index(fields=["normal_sha256"], name="larder_document_normal")]

    def __str__(self) -> str:
        return self.sha256


class Alias(models.Model):
    """An id of a document: what its manifest calls it, the bare SHA-256, ``sha256:`` and the SHA-256."""

    id = models.TextField(primary_key=True)
    document = models.ForeignKey(Document, models.CASCADE, related_name="aliases")

    class Meta:
        db_table = "larder_document_alias"
        verbose_name_plural = "aliases"

    def __str__(self) -> str:
        return self.id


class Client(models.Model):
    """An app whose documents are registered."""

    class Mode(models.TextChoices):
        OPEN = "open"
        LOG_UNKNOWN = "log-unknown"
        SAFELIST = "safelist"
        IDS_ONLY = "ids-only"

    name = models.TextField(primary_key=True)
    mode = models.TextField(
        null=True, blank=True, choices=Mode.choices, help_text="What it may run; null: as the settings say."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "larder_client"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mode__isnull=True)
                | models.Q(mode__in=["open", "log-unknown", "safelist", "ids-only"]),
                name="larder_client_mode",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Deployment(models.Model):
    """One version of a client's documents. Its documents are registered while it is active."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        RETIRED = "retired"

    client = models.ForeignKey(Client, models.PROTECT, related_name="deployments")
    version = models.TextField()
    state = models.TextField(choices=State.choices, db_default=State.PENDING)
    manifest = models.TextField(help_text="The format that it was pushed in.")
    digest = models.TextField(help_text="SHA-256 over its ids and documents: what a repeated push must equal.")
    documents = models.IntegerField(help_text="How many were pushed; fewer rows mean that some were pruned.")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "larder_deployment"
        constraints = [
            models.UniqueConstraint(fields=["client", "version"], name="larder_deployment_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "active", "retired"]), name="larder_deployment_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.version} {self.state}"


class DeploymentDocument(models.Model):
    """A document of a deployment, under the id that its client sends."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="held")
    document = models.ForeignKey(Document, models.PROTECT, related_name="held")
    sent_id = models.TextField(help_text="What the client sends.")
    operation_name = models.TextField(help_text="Empty: anonymous. Several: joined by a comma.")

    class Meta:
        db_table = "larder_deployment_document"
        constraints = [models.UniqueConstraint(fields=["deployment", "sent_id"], name="larder_deployment_document_key")]

    def __str__(self) -> str:
        return f"{self.operation_name} {self.sent_id}"


class Usage(models.Model):
    """How often a client asked for a document on one day (UTC)."""

    pk = models.CompositePrimaryKey("document_id", "client", "day")
    document = models.ForeignKey(Document, models.CASCADE, related_name="usage")
    client = models.TextField(help_text="The client's name as it told; empty when it told none.")
    day = models.DateField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "larder_document_usage"

    def __str__(self) -> str:
        return f"{self.document_id} {self.client} {self.day} {self.count}"


class Registry(models.Model):
    """One row: a number that every publish, retirement and budget raises, in its own transaction."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    generation = models.BigIntegerField(default=0)

    class Meta:
        db_table = "larder_registry"
        verbose_name_plural = "registry"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="larder_registry_one_row")]

    def __str__(self) -> str:
        return f"generation {self.generation}"
