"""Opens a project: its schema, and its store if one answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import strawberry
from django.utils.module_loading import import_string

from gateway.checking.project import Project
from gateway.config import Config
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.errors import ConfigError, EmbeddedServerError

STORE_SECONDS = 3


@contextmanager
def opened(settings: Config) -> Iterator[Project]:
    """The project that the settings name. Django must be set up. Raises ``ConfigError`` for what is no schema."""
    schema = schema_of(settings)
    with store(settings) as connection:
        yield Project(settings, schema, connection)


def schema_of(settings: Config) -> strawberry.Schema:
    """The schema. Raises ``ConfigError`` with the reason why it cannot be had, in one line."""
    try:
        found = import_string(settings.schema_path.replace(":", "."))
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ConfigError("LARDER_SCHEMA", f"{settings.schema_path}: {type(error).__name__}: {reason}") from error
    if not isinstance(found, strawberry.Schema):
        raise ConfigError("LARDER_SCHEMA", f"{settings.schema_path} is a {type(found).__name__}, no strawberry.Schema")
    return found


@contextmanager
def store(settings: Config) -> Iterator[psycopg.Connection[Any] | None]:
    """A connection that writes nothing, None where no store answers.

    The embedded one is started where it has been before; a new one would have no tables to tell of.
    """
    server = None
    try:
        if settings.embedded_database and (settings.data_dir / "postgres").exists():
            server = EmbeddedPostgres(settings.data_dir)
            server.start()
        connection = psycopg.connect(settings.database_url, connect_timeout=STORE_SECONDS, autocommit=True)
    except (psycopg.Error, EmbeddedServerError):
        if server is not None:
            server.stop()
        yield None
        return
    try:
        with connection:
            connection.execute("SET default_transaction_read_only = on")
            yield connection
    finally:
        if server is not None:
            server.stop()
