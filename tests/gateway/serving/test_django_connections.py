"""Django's pages share a few connections, however many threads they run in."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connection, connections

from gateway.databases import django_database
from gateway.serving.django_connections import DjangoConnections


def one_page(_: int) -> int:
    """A request's life: it connects with its first query and lets go at its end."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.05)")
            return int(cursor.fetchone()[0])
    finally:
        close_old_connections()


async def pages(count: int) -> set[int]:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(count) as threads:
        return set(await asyncio.gather(*(loop.run_in_executor(threads, one_page, n) for n in range(count))))


async def test_many_threads_share_a_few_connections(store: str) -> None:
    shared = DjangoConnections(2)
    await shared.open()
    try:
        assert len(await pages(12)) <= 2
    finally:
        await shared.close()

    assert "pool" not in connections.settings["default"]["OPTIONS"]
    assert len(await pages(12)) > 2


async def test_nobody_has_to_have_connected(store: str) -> None:
    shared = DjangoConnections(2)
    await shared.open()
    await shared.close()


def test_behind_a_pooler_no_cursor_outlives_a_transaction() -> None:
    assert django_database("postgresql://db/larder", pooled=True)["DISABLE_SERVER_SIDE_CURSORS"] is True
