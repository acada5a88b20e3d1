"""Constraints that several models share."""

from __future__ import annotations

from django.db import models

LIVE = models.Q(deleted_at__isnull=True)
"""Rows that the supplier still has."""


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that ``field`` is null or one of ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def subset_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A check that the array ``field`` is null or holds nothing but ``choices``."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__contained_by": choices.values}), name=name)
