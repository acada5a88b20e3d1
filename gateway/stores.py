"""Makes sure, at the start of a command, that the stores which the settings name can be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gateway.config import Config, config
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.errors import ConfigError

CONNECT_SECONDS = 5
OLDEST_POSTGRES = 15


@contextmanager
def open_store() -> Iterator[Config]:
    """The settings, with PostgreSQL answering and Django set up.

    The embedded PostgreSQL is adopted if it runs, else started and stopped again at the end. Raises ``ConfigError`` for
    an address that cannot be used.
    """
    settings = config()
    check_redis(settings)
    server = EmbeddedPostgres(settings.data_dir) if settings.embedded_database else None
    try:
        if server:
            server.start()
        else:
            check_database(settings)
        set_up_django()
        yield settings
    finally:
        if server:
            server.stop()


def set_up_django() -> None:
    """Load Django with Larder's settings. Models can be imported afterwards."""
    import django  # noqa: PLC0415 - 0.1 s, for those commands that need it

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gateway.settings")
    django.setup()


def check_database(settings: Config) -> None:
    """Raises ``ConfigError`` when LARDER_DATABASE_URL does not lead to a PostgreSQL that Larder can use."""
    try:
        with psycopg.connect(settings.database_url, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as exc:
        raise ConfigError("LARDER_DATABASE_URL", one_line(exc)) from exc
    if version < OLDEST_POSTGRES:
        raise ConfigError("LARDER_DATABASE_URL", f"PostgreSQL {OLDEST_POSTGRES} or later is needed, this is {version}")


def check_redis(settings: Config) -> None:
    """Raises ``ConfigError`` when LARDER_REDIS_URL is set and nothing answers there."""
    if settings.redis_url is None:
        return
    import redis  # noqa: PLC0415 - costs every command 0.2 s, and only those with a Redis need it

    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as exc:
        raise ConfigError("LARDER_REDIS_URL", one_line(exc)) from exc


def one_line(exc: Exception) -> str:
    """The error's text without line breaks, and without psycopg's words before libpq's."""
    return " ".join(str(exc).split()).removeprefix("connection is bad: ").removeprefix("connection failed: ")
