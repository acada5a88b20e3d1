"""The synced store's own bookkeeping: heads, confirmations, streams, runs, staging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from sync.heads import CONFIRMED_HEAD


class Head(models.Model):
    """One shard of a version counter. A head's value is the sum over its shards.

    Writers bump the shard of their backend pid (modulo 32), so that they neither queue nor deadlock.
    """

    pk = models.CompositePrimaryKey("name", "shard")
    name = models.TextField()
    shard = models.SmallIntegerField()
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "larder_head"

    def __str__(self) -> str:
        return f"{self.name}[{self.shard}] {self.value}"


class Confirmation(models.Model):
    """When a source last confirmed one concern (menu, price, availability) of one unit of freshness.

    Its times move with every run and have a head of their own, so that an answer which tells only how fresh something
    is does not depend on each. The table's head moves with what may change a freshness (``sync.confirmations``).
    """

    column_heads: ClassVar[Mapping[str, str]] = {"confirmed_at": CONFIRMED_HEAD, "as_of": CONFIRMED_HEAD}

    source = models.TextField()
    concern = models.TextField()
    scope = models.TextField(help_text="External id of the unit of freshness, usually a location.")
    confirmed_at = models.DateTimeField(null=True, help_text="Start of the last complete run; null: never.")
    as_of = models.DateTimeField(null=True, help_text="The supplier's own clock for it, if it told.")
    fresh_for_seconds = models.IntegerField()
    stale_for_seconds = models.IntegerField()

    class Meta:
        db_table = "larder_confirmation"
        constraints = [
            models.UniqueConstraint(fields=["source", "concern", "scope"], name="larder_confirmation_key"),
            models.CheckConstraint(
                condition=models.Q(fresh_for_seconds__gt=0, stale_for_seconds__gte=models.F("fresh_for_seconds")),
                name="larder_confirmation_thresholds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.concern} {self.scope}"


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

    class Meta:
        db_table = "larder_sync_stream"
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="larder_sync_stream_key")]

    def __str__(self) -> str:
        return f"{self.source}/{self.name}"


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

    class Meta:
        db_table = "larder_sync_staged"
        indexes = [models.Index(fields=["run_id", "kind", "key"], name="larder_sync_staged_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of run {self.run_id}"


class Purge(models.Model):
    """The version of a head that the CDN was told of last."""

    head = models.TextField(primary_key=True)
    version = models.BigIntegerField()
    again_at = models.DateTimeField(null=True, help_text="When it is told once more; null: that is done.")

    class Meta:
        db_table = "larder_purge"

    def __str__(self) -> str:
        return f"{self.head} {self.version}"
