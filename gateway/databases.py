"""PostgreSQL's address in Django's words."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

DJANGO_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def django_database(url: str) -> dict[str, Any]:
    """An entry of DATABASES for ``url``, read as libpq reads it: Unix sockets, several hosts, TLS options."""
    parts = conninfo_to_dict(url)
    named = {key: str(parts.pop(name)) for name, key in DJANGO_KEYS.items() if name in parts}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": parts}
