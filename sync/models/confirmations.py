"""When suppliers last confirmed what they said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from sync.heads import CONFIRMED_HEAD


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
