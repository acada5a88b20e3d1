"""The database that is measured: the one given, or an embedded PostgreSQL in a folder of the benchmark's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.stores import set_up_django

FOLDER = Path(__file__).parent.parent / ".larder-bench"
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
}
"""For loading quickly and for a quiet server; what reads cost depends on none but the first."""


@contextmanager
def open_store(database_url: str | None) -> Iterator[str]:
    """Address of the migrated database; Django is set up on it. An embedded server stops at the end."""
    server = None
    os.environ["LARDER_DATA_DIR"] = str(FOLDER)
    if database_url is None:
        server = EmbeddedPostgres(FOLDER, SETTINGS)
        server.start()
        database_url = server.url
    try:
        os.environ["LARDER_DATABASE_URL"] = database_url
        set_up_django()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        yield database_url
    finally:
        if server:
            server.stop()
