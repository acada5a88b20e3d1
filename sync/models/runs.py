"""Runs and what they refused to believe."""

from __future__ import annotations

from django.db import models


class Run(models.Model):
    """One pull of one stream, from the lease to the publish."""

    class State(models.TextChoices):
        QUEUED = "QUEUED"
        FETCHING = "FETCHING"
        STAGED = "STAGED"
        VALIDATED = "VALIDATED"
        PUBLISHED = "PUBLISHED"
        HELD = "HELD"
        FAILED = "FAILED"
        SUPERSEDED = "SUPERSEDED"

    class Trigger(models.TextChoices):
        SCHEDULE = "SCHEDULE"
        WEBHOOK = "WEBHOOK"
        OPERATOR = "OPERATOR"
        REPLAY = "REPLAY"

    class Decision(models.TextChoices):
        """What an operator decided about a run that is held."""

        APPROVED = "APPROVED"
        REJECTED = "REJECTED"

    source = models.TextField()
    stream = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    fence = models.BigIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    documents = models.IntegerField(default=0, help_text="Documents asked for.")
    unchanged_documents = models.IntegerField(default=0)
    failed_documents = models.IntegerField(default=0)
    staged = models.IntegerField(default=0)
    inserted = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    deleted = models.IntegerField(default=0)
    quarantined = models.IntegerField(default=0)
    error = models.TextField(default="", blank=True)
    trigger = models.TextField(choices=Trigger.choices, default=Trigger.SCHEDULE)
    replays = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", help_text="The run done again.")
    cursor = models.JSONField(default=dict, help_text="What the run began with.")
    holds = models.JSONField(default=list, help_text="What guards hold back: [{unit, rule, value, digest, waits_for}].")
    decision = models.TextField(choices=Decision.choices, default="", blank=True)

    class Meta:
        db_table = "larder_sync_run"
        indexes = [models.Index(fields=["source", "stream", "-id"], name="larder_sync_run_latest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["QUEUED", "FETCHING", "STAGED", "VALIDATED", "PUBLISHED", "HELD", "FAILED", "SUPERSEDED"]
                ),
                name="larder_sync_run_state",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk} {self.source}/{self.stream} {self.state}"


class Problem(models.Model):
    """Something that a run refused to believe, for the operator to read."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="problems")
    scope = models.TextField(default="")
    kind = models.TextField()
    key = models.TextField(null=True)
    rule = models.TextField(help_text="The rule that was broken.")
    value = models.TextField(help_text="The offending value, shortened.")

    class Meta:
        db_table = "larder_sync_problem"

    def __str__(self) -> str:
        return f"{self.kind} {self.key or self.scope}: {self.rule}: {self.value}"
