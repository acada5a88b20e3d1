"""Django app of identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """``gateway.identity``, under the label ``larder_identity``."""

    name = "gateway.identity"
    label = "larder_identity"
    verbose_name = "Larder identity"
    default_auto_field = "django.db.models.BigAutoField"
