"""The response cache where PostgreSQL and Valkey come and go: errors, perhaps; a wrong answer, never."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from redis import Redis

from gateway.databases import django_database
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.valkey import EmbeddedValkey
from sync import sources
from tests.acceptance.processes import larder
from tests.acceptance.truth import kitchens
from tests.acceptance.truth.gateways import events, read, serving
from tests.acceptance.truth.history import BOUND_SECONDS, Judge
from tests.acceptance.truth.troubles import cut_heads, troubled
from tests.acceptance.truth.worlds import catalog
from tests.acceptance.truth.writing import Writers

pytestmark = pytest.mark.slow

DOWN_SECONDS = 1.5
"""Longer than most of what the clock changes takes to change."""

ALLOWED = {"STORE_UNAVAILABLE", "STORE_BUSY", "PERSISTED_QUERY_NOT_FOUND"}
STALE = {"LARDER_STALE_WHILE_REVALIDATE": "60", "LARDER_STALE_IF_ERROR": "60"}


@pytest.fixture
def postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own, which writers use too."""
    server = EmbeddedPostgres(tmp_path / "own")
    with ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        larder("migrate", LARDER_DATABASE_URL=server.url)
        default = {**connections.settings["default"], **django_database(server.url)}
        monkeypatch.setitem(connections.settings, "default", default)
        monkeypatch.setitem(sources.KINDS, "kitchens", kitchens.KIND)
        yield server


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey of the test's own."""
    server = EmbeddedValkey(tmp_path / "own")
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("settings", [{}, STALE], ids=["never stale", "stale"])
async def test_no_answer_is_wrong(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, settings: dict[str, str]) -> None:
    world, over = await catalog(), asyncio.Event()
    working = Writers(world.writers, 0.5)
    urls = {"LARDER_DATABASE_URL": postgres.url, "LARDER_REDIS_URL": valkey.url}
    with serving("--workers", "2", **urls, **settings) as url, working.at_work():
        reading = asyncio.create_task(read(url, world.questions, lambda _: over.is_set()))
        async with troubled(postgres.url, cut_heads):
            await asyncio.sleep(2)
        with Redis.from_url(valkey.url) as redis:
            redis.flushall()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(valkey.stop)
        await asyncio.sleep(DOWN_SECONDS)
        await asyncio.to_thread(valkey.start)
        for _ in range(2):
            with working.resting():
                await asyncio.to_thread(postgres.stop)
                await asyncio.sleep(DOWN_SECONDS)
                await asyncio.to_thread(postgres.start)
            await asyncio.sleep(2)
        over.set()
        answers, counted = await reading, await events(url)
    wrong = answers.wrong(working.histories, Judge(math.inf if settings else BOUND_SECONDS))
    print(  # noqa: T201 - the figures that the test is run for
        f"{len(answers.seen)} answers beside {working.transactions} transactions, {dict(answers.codes)}; cache of a"
        f" worker {dict(counted)}; {len(wrong)} wrong"
    )
    assert wrong == []
    assert answers.codes.keys() <= ALLOWED
    assert counted["stale"] or not settings
