"""Django app of menus, prices and availability."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """``catalog``, under the label ``larder_catalog``."""

    name = "catalog"
    label = "larder_catalog"
    verbose_name = "Larder catalog"
    default_auto_field = "django.db.models.BigAutoField"
