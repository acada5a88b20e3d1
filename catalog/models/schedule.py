"""When something is open, served or valid, by the local clock."""

from __future__ import annotations

from django.db import models

from catalog.models.constraints import array_of
from catalog.models.source import CatalogRow
from sync.rows import synced_row_constraints


class Schedule(CatalogRow):
    """Local hours of every week, and what holds on some dates instead.

    Hours belong to the date on which they start; an end that is not after its start is on the date after. PostgreSQL's
    ``larder_schedule_open`` and ``larder_schedule_next`` are what reads them.
    """

    timezone = models.TextField(help_text="IANA name that the hours are local to, e.g. Europe/Berlin.")
    weekly = models.JSONField(
        default=list, help_text='[[day, start, end], …] with 1 = Monday: [[1, "11:00", "14:30"]].'
    )
    exceptions = models.JSONField(
        default=list,
        help_text="[[date, start, end], …] instead of the weekly hours; start and end null: closed on that date.",
    )
    first_day = models.DateField(null=True, help_text="First local date on which it holds; null: always did.")
    last_day = models.DateField(null=True, help_text="Last local date on which it holds; null: open.")

    class Meta(CatalogRow.Meta):
        db_table = "larder_schedule"
        ordering = ["id"]
        constraints = [
            *synced_row_constraints(),
            models.CheckConstraint(condition=~models.Q(timezone=""), name="larder_schedule_timezone"),
            array_of("weekly", "larder_schedule_weekly"),
            array_of("exceptions", "larder_schedule_exceptions"),
            models.CheckConstraint(
                condition=models.Q(first_day__isnull=True)
                | models.Q(last_day__isnull=True)
                | models.Q(first_day__lte=models.F("last_day")),
                name="larder_schedule_days",
            ),
        ]
        indexes = [models.Index(fields=["source", "scope"], name="larder_schedule_scope")]

    def __str__(self) -> str:
        return self.external_id
