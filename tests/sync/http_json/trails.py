"""A second application whose own models are filled by declaration alone: hiking trails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, QuerySet

from sync.rows import SyncedRow, synced_row_constraints
from sync.targets import Population, Refused, Target, TargetSet


class Keeper(models.Model):
    name = models.TextField(unique=True)
    kind = models.TextField()
    account = models.TextField()

    class Meta:
        app_label = "trails"
        db_table = "larder_trails_keeper"

    def __str__(self) -> str:
        return self.name


class Region(SyncedRow):
    source = models.ForeignKey(Keeper, models.PROTECT, to_field="name", db_column="source", related_name="+")
    name = models.TextField()

    class Meta:
        app_label = "trails"
        db_table = "larder_trails_region"
        constraints = synced_row_constraints()


class Trail(SyncedRow):
    source = models.ForeignKey(Keeper, models.PROTECT, to_field="name", db_column="source", related_name="+")
    name = models.TextField()
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    kilometres = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    opened_on = models.DateField(null=True)
    measured_at = models.DateTimeField(null=True)
    tags = models.JSONField(null=True)

    class Meta:
        app_label = "trails"
        db_table = "larder_trails_trail"
        constraints = synced_row_constraints()


class Condition(SyncedRow):
    source = models.ForeignKey(Keeper, models.PROTECT, to_field="name", db_column="source", related_name="+")
    trail = models.ForeignKey(Trail, models.PROTECT, related_name="+")
    state = models.TextField()

    class Meta:
        app_label = "trails"
        db_table = "larder_trails_condition"
        constraints = synced_row_constraints()


MODELS = (Keeper, Region, Trail, Condition)


def condition_row(said: dict[str, Any]) -> dict[str, Any]:
    if said["state"] not in {"OPEN", "CLOSED"}:
        raise Refused("state must be OPEN or CLOSED", said["state"])
    return {"state": said["state"]}


def trails_of(source: str, scope: str, as_of: datetime) -> QuerySet[Trail, dict[str, Any]]:
    """The trails of region ``scope``."""
    return Trail.objects.filter(source_id=source, region__external_id=scope).values(
        key=F("external_id"), match=F("external_id"), trail_key=F("external_id")
    )


TARGETS = TargetSet(
    source_model=Keeper,
    targets=(
        Target("region", Region, "menu", dict),
        Target("trail", Trail, "menu", dict, {"region": "region"}),
        Target(
            "condition",
            Condition,
            "availability",
            condition_row,
            {"trail": "trail"},
            population=Population(trails_of, ("trail",), {"state": "OPEN"}),
        ),
    ),
)


def make_tables() -> None:
    """The application's tables, unless they are there."""
    with connection.schema_editor() as editor:
        known = connection.introspection.table_names()
        for model in MODELS:
            if model._meta.db_table not in known:
                editor.create_model(model)
