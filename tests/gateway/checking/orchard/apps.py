from __future__ import annotations

from django.apps import AppConfig


class OrchardConfig(AppConfig):
    name = "tests.gateway.checking.orchard"
    label = "orchard"
    default_auto_field = "django.db.models.BigAutoField"
