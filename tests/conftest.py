"""The servers and the store that tests run on.

PostgreSQL and Valkey are started once a session in a folder of its own under ``.larder-test``, unless
LARDER_DATABASE_URL or LARDER_REDIS_URL name others. Django is set up on a new database before any test module is
imported.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from redis import Redis

from gateway.embedded.places import socket_folder
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.valkey import EmbeddedValkey

SESSIONS = Path(__file__).parent.parent / ".larder-test"
DATA = SESSIONS / str(os.getpid())
DATABASE = f"larder_test_{os.getpid()}"
SERVER_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, make the database, load Django, migrate."""
    if shares_out(config):
        return
    sweep()
    postgres, valkey = os.environ.get("LARDER_DATABASE_URL"), os.environ.get("LARDER_REDIS_URL")
    for name in [name for name in os.environ if name.startswith("LARDER_") or name == "PORT"]:
        del os.environ[name]
    os.environ["LARDER_DATA_DIR"] = str(DATA)
    os.environ["LARDER_DATABASE_URL"] = new_database(config, postgres or embedded_postgres(config))
    os.environ["LARDER_REDIS_URL"] = valkey or embedded_valkey(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "gateway.settings"
    migrate()


def shares_out(config: pytest.Config) -> bool:
    """Whether the tests run in processes beside this one (pytest-xdist), each with servers of its own."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def sweep() -> None:
    """Remove what sessions that were killed have left."""
    for left in SESSIONS.glob("[0-9]*"):
        try:
            os.kill(int(left.name), 0)
        except ProcessLookupError:
            remove(left)
        except PermissionError:
            continue


def remove(data: Path) -> None:
    for folder in ((data / "postgres").resolve(), socket_folder("postgres", data), socket_folder("valkey", data), data):
        shutil.rmtree(folder, ignore_errors=True)


def embedded_postgres(config: pytest.Config) -> str:
    config.add_cleanup(lambda: remove(DATA))
    server = EmbeddedPostgres(DATA, SERVER_SETTINGS)
    server.start()
    config.add_cleanup(server.stop)
    return server.url


def embedded_valkey(config: pytest.Config) -> str:
    server = EmbeddedValkey(DATA)
    server.start()
    config.add_cleanup(server.stop)
    return server.url


def new_database(config: pytest.Config, server_url: str) -> str:
    def administer(statement: str) -> None:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE)))

    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    administer("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
    config.add_cleanup(lambda: administer("DROP DATABASE IF EXISTS {} WITH (FORCE)"))
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{DATABASE}"))


def migrate() -> None:
    import django  # noqa: PLC0415 - after the environment is set
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set

    os.environ["LARDER_APPS"] = "tests.library"
    django.setup()
    # Larder's own processes, which some tests start, serve the shipped application alone.
    del os.environ["LARDER_APPS"]
    call_command("migrate", verbosity=0, run_syncdb=True)


@pytest.fixture(scope="session")
def database_url() -> str:
    """Address of the migrated database of this session."""
    return os.environ["LARDER_DATABASE_URL"]


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Address of a Valkey or Redis that tests may fill."""
    return os.environ["LARDER_REDIS_URL"]


@pytest.fixture(scope="session")
def emptied(database_url: str) -> Iterator[psycopg.Connection]:
    """The connection that empties the store between tests."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(database_url: str, emptied: psycopg.Connection, redis_url: str) -> str:
    """Address of the store, with no row in any table of Larder or of its job queue; nothing in Redis speaks of it."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    tables = [
        sql.Identifier(name)
        for (name,) in emptied.execute(
            r"""
            SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND (tablename LIKE 'larder\_%' OR tablename LIKE 'procrastinate\_%')
            """
        )
    ]
    emptied.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(tables)))
    return database_url
