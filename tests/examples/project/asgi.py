"""Larder beside the project's URLs."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from larder.asgi import mount

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

application = mount(get_asgi_application())
