"""Django app of the synced store."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """``sync``, under the label ``larder_sync``."""

    name = "sync"
    label = "larder_sync"
    verbose_name = "Larder sync"
    default_auto_field = "django.db.models.BigAutoField"
