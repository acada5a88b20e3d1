"""Django app of delivery: its system checks."""

from importlib import import_module

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """``gateway.delivery``, under the label ``larder_delivery``."""

    name = "gateway.delivery"
    label = "larder_delivery"
    verbose_name = "Larder delivery"

    def ready(self) -> None:
        """Register the checks."""
        import_module("gateway.delivery.checks")
