"""PostgreSQL's address in Django's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from gateway.errors import ConfigError

DJANGO_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def django_database(url: str, *, pooled: bool = False) -> dict[str, Any]:
    """An entry of DATABASES for ``url``, read as libpq reads it: Unix sockets, several hosts, TLS options.

    pooled: the address is that of a pooler in transaction mode, which keeps no cursors between transactions.
    """
    parts = conninfo_to_dict(url)
    named = {key: str(parts.pop(name)) for name, key in DJANGO_KEYS.items() if name in parts}
    found = {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": parts}
    return {**found, "DISABLE_SERVER_SIDE_CURSORS": True} if pooled else found


def database_url(database: Mapping[str, Any]) -> str:
    """The address of an entry of DATABASES; options that are Django's or psycopg's own are left out.

    Raises ``ConfigError`` for a database that is no PostgreSQL.
    """
    engine = str(database.get("ENGINE", ""))
    if "postg" not in engine:
        raise ConfigError("DATABASES", f"must be a PostgreSQL (got {engine!r})")
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    named = {name: database.get(key) for name, key in DJANGO_KEYS.items()}
    options = {name: value for name, value in database.get("OPTIONS", {}).items() if name in known}
    given = {name: str(value) for name, value in {**options, **named}.items() if value not in {None, ""}}
    return f"postgresql:///?{urlencode(given, quote_via=quote)}"
