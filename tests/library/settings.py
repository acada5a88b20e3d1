"""Django's settings for the type checker, which must know both applications."""

from gateway.settings import *  # noqa: F403
from gateway.settings import INSTALLED_APPS as SHIPPED_APPS

INSTALLED_APPS = [*SHIPPED_APPS, "tests.library"]
