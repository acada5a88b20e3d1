"""Connections to the store for writing: psycopg's own, under Django's address."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

DJANGO_OPTIONS = {"assume_role", "isolation_level", "pool", "server_side_binding"}


def store_conninfo() -> str:
    """Django's default database as a libpq connection string."""
    found = connections["default"].settings_dict
    options = {name: value for name, value in found["OPTIONS"].items() if name not in DJANGO_OPTIONS}
    address = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given: dict[str, Any] = {name: found[key] for name, key in address.items() if found.get(key)}
    return make_conninfo("", **given, **options)


async def connect() -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """A connection to the store that commits each statement unless told otherwise."""
    return await psycopg.AsyncConnection.connect(
        store_conninfo(), autocommit=True, prepare_threshold=None, application_name="larder sync"
    )
