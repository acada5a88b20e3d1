"""The columns that ``sync`` keeps on every model it writes."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class LiveManager(models.Manager[Row]):
    """Rows that the supplier still has. ``condition`` says the same as data, so that the read path can join it."""

    condition = models.Q(deleted_at__isnull=True)

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(self.condition)


class SyncedRow(models.Model):
    """A row that a supplier owns.

    A subclass adds ``source`` (column ``source``: the source's name) and its own columns. Its natural key is (source,
    external_id); it must carry ``synced_row_constraints``.
    """

    external_id = models.TextField(help_text="The supplier's key for this row.")
    node_id = models.UUIDField(
        unique=True, help_text="UUIDv5 of (source, kind, external_id): stable across re-imports."
    )
    scope = models.TextField(default="", help_text="The unit of absence that the row belongs to.")
    version = models.TextField(null=True, help_text="The supplier's version of the row, if it has one.")
    content_hash = models.UUIDField(help_text="Digest of what the supplier said: equal means nothing to write.")
    deleted_at = models.DateTimeField(null=True, help_text="When the supplier stopped having it; null while it has.")
    confirmation = models.ForeignKey(
        "larder_sync.Confirmation",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="When the supplier last confirmed the rows of this unit of freshness.",
    )
    held_confirmed_at = models.DateTimeField(
        null=True, help_text="Set while a newer version of the row is refused: when the kept one was last confirmed."
    )

    objects: ClassVar[LiveManager[Self]] = LiveManager()
    every = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "every"


def synced_row_constraints() -> list[models.BaseConstraint]:
    """The natural key of a ``SyncedRow``, for its Meta.constraints."""
    return [
        models.UniqueConstraint(fields=["source", "external_id"], name="%(app_label)s_%(class)s_natural_key"),
    ]


class SuppliedRow(SyncedRow):
    """A row that a supplier owns, with its source's name, its natural key and the index of its unit of absence.

    A subclass adds its own columns. A ``Meta`` of its own extends ``SuppliedRow.Meta``; constraints of its own go
    beside ``synced_row_constraints``.
    """

    source = models.SlugField(max_length=64, db_index=False, help_text="Name of the source that it comes from.")

    class Meta(SyncedRow.Meta):
        abstract = True
        constraints = synced_row_constraints()
        indexes = [models.Index(fields=["source", "scope"])]
