"""The sync's bookkeeping, to look at in Django's admin.

``Head`` is left out, because the admin knows no composite primary keys, and ``Staged``, which is empty between runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from sync.models import Confirmation, Problem, Run, Stream

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows, also those that suppliers no longer have, and changes none: only a publish writes the store."""

    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = self.model._base_manager.all()
        return queryset.order_by(*self.get_ordering(request))

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = [
        "id",
        "source",
        "stream",
        "state",
        "started_at",
        "finished_at",
        "documents",
        "unchanged_documents",
        "failed_documents",
        "inserted",
        "updated",
        "deleted",
        "quarantined",
        "error",
    ]
    list_filter = ["state", "source", "stream"]
    date_hierarchy = "started_at"


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = ["id", "run", "scope", "kind", "key", "rule", "value"]
    list_filter = ["kind", "rule"]
    list_select_related = ["run"]
    search_fields = ["scope", "key", "value"]


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    ordering = ["source", "name"]
    list_display = ["source", "name", "fence", "leased_until"]
    list_filter = ["source"]


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnlyAdmin):
    ordering = ["source", "concern", "scope"]
    list_display = ["source", "concern", "scope", "confirmed_at", "as_of", "fresh_for_seconds", "stale_for_seconds"]
    list_filter = ["source", "concern"]
    search_fields = ["scope"]
