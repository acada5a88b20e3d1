"""The registry, to look at in Django's admin; a client's mode can be changed there.

``Usage`` is left out, because the admin knows no composite primary keys: see ``larder documents usage``.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from persisted_queries.models import Alias, Client, Deployment, DeploymentDocument, Document
from sync.admin import ReadOnlyAdmin


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    ordering = ["name"]
    list_display = ["name", "mode", "created_at"]
    list_filter = ["mode"]
    search_fields = ["name"]
    fields = ["name", "mode", "created_at"]
    readonly_fields = ["name", "created_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnlyAdmin, self).has_change_permission(request, obj)


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = ["client", "version", "state", "documents", "manifest", "created_at", "published_at", "retired_at"]
    list_filter = ["state", "client"]
    search_fields = ["version"]


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    ordering = ["sha256"]
    list_display = ["sha256", "bytes", "budget", "created_at"]
    search_fields = ["sha256", "text"]
    date_hierarchy = "created_at"


@admin.register(DeploymentDocument)
class DeploymentDocumentAdmin(ReadOnlyAdmin):
    ordering = ["-id"]
    list_display = ["operation_name", "sent_id", "deployment"]
    list_select_related = ["deployment"]
    list_filter = ["deployment__state", "deployment__client"]
    search_fields = ["operation_name", "sent_id"]


@admin.register(Alias)
class AliasAdmin(ReadOnlyAdmin):
    ordering = ["id"]
    list_display = ["id", "document_id"]
    search_fields = ["id"]
