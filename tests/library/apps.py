"""Django app of a public library: a second application, to prove that the engine knows none."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from sync.operations import track


class LibraryConfig(AppConfig):
    name = "tests.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(track_tables, sender=self)


def track_tables(sender: AppConfig, using: str, **_: Any) -> None:
    """Let the library's tables bump heads; it has no migrations that could."""
    tables = [model._meta.db_table for model in sender.get_models(include_auto_created=True)]
    with connections[using].schema_editor() as editor:
        track(editor, tables)
