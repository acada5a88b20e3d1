"""Django app of the persisted query registry."""

from django.apps import AppConfig


class PersistedQueriesConfig(AppConfig):
    """``persisted_queries``, under the label ``larder_persisted_queries``."""

    name = "persisted_queries"
    label = "larder_persisted_queries"
    verbose_name = "Larder documents"
    default_auto_field = "django.db.models.BigAutoField"
