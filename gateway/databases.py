"""PostgreSQL's address in Django's words."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

DJANGO_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def django_database(url: str, *, pooled: bool = False) -> dict[str, Any]:
    """An entry of DATABASES for ``url``, read as libpq reads it: Unix sockets, several hosts, TLS options.

    pooled: the address is that of a pooler in transaction mode, which keeps no cursors between transactions.
    """
    parts = conninfo_to_dict(url)
    named = {key: str(parts.pop(name)) for name, key in DJANGO_KEYS.items() if name in parts}
    found = {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": parts}
    return {**found, "DISABLE_SERVER_SIDE_CURSORS": True} if pooled else found
