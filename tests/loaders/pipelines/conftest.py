"""Lanes of both drivers, straight to PostgreSQL and through PgBouncer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest

from loaders.pipelines.lanes import Driver, PipelineLanes
from tests.pgbouncer import needs_pgbouncer, pgbouncer

OpenLanes = Callable[..., Any]


@pytest.fixture(params=["pq", "psycopg"])
def driver(request: pytest.FixtureRequest) -> Driver:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def writer(database_url: str) -> Iterator[psycopg.Connection]:
    """Somebody else's connection, with a table to play with that nobody else knows."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS lane_test")
        connection.execute("CREATE TABLE lane_test (id bigint PRIMARY KEY, name text)")
        yield connection
        connection.execute("DROP TABLE IF EXISTS lane_test")


@pytest.fixture
async def opened(database_url: str, driver: Driver) -> AsyncIterator[OpenLanes]:
    """Opens lanes that are closed with the test."""
    async with AsyncExitStack() as stack:

        async def open_lanes(url: str = database_url, **options: Any) -> PipelineLanes:
            lanes = PipelineLanes(url, **{"driver": driver, "wait_seconds": 3, **options})
            stack.push_async_callback(lanes.close)
            await lanes.open()
            return lanes

        yield open_lanes


@pytest.fixture
async def lanes(opened: OpenLanes) -> PipelineLanes:
    """Two lanes of each driver, straight to the database."""
    return await opened(count=2)  # type: ignore[no-any-return]


@pytest.fixture
def pooler(database_url: str) -> Iterator[str]:
    """Address of the database behind a PgBouncer with two sessions."""
    with pgbouncer(database_url, pool_size=2) as url:
        yield url


@pytest.fixture(params=["direct", pytest.param("pooled", marks=needs_pgbouncer)])
async def either(request: pytest.FixtureRequest, opened: OpenLanes) -> PipelineLanes:
    """Two lanes of each driver, straight to the database and through a pooler."""
    if request.param == "direct":
        return await opened(count=2)  # type: ignore[no-any-return]
    return await opened(request.getfixturevalue("pooler"), count=2, pooled=True)  # type: ignore[no-any-return]
