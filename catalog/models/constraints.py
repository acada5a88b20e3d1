"""Constraints that several models share."""

from __future__ import annotations

from django.db import models
from django.db.models.lookups import Exact

LIVE = models.Q(deleted_at__isnull=True)
"""Rows that the supplier still has."""


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that ``field`` is null or one of ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def subset_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that the array ``field`` is null or holds nothing but ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__contained_by": choices.values}), name=name)


def array_of(field: str, name: str) -> models.CheckConstraint:
    """A check that the JSON in ``field`` is an array."""
    kind = models.Func(field, function="jsonb_typeof", output_field=models.TextField())
    return models.CheckConstraint(condition=Exact(kind, models.Value("array")), name=name)
