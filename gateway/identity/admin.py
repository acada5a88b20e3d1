"""API keys and viewers, to look at in Django's admin. A key's secret is not stored, and its digest is not shown."""

from __future__ import annotations

from django.contrib import admin

from gateway.identity.models import ApiKey, StoredViewer
from sync.admin import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    ordering = ["name", "-created_at"]
    list_display = ["name", "id", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
    search_fields = ["name", "id"]
    fields = ["id", "name", "scopes", "facets", "created_at", "expires_at", "revoked_at", "last_used_at"]


@admin.register(StoredViewer)
class StoredViewerAdmin(ReadOnlyAdmin):
    ordering = ["subject"]
    list_display = ["subject", "scopes", "facets"]
    search_fields = ["subject"]
