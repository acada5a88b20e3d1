"""A gateway of the shipped schema with registered documents: real PostgreSQL, real Valkey, the whole application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import psycopg
import pytest
from redis.asyncio import Redis

from gateway.asgi import Gateway, build
from gateway.config import config
from persisted_queries.deployments import publish, push
from persisted_queries.documents import sha256_of
from persisted_queries.manifests.manifest import Entry, Manifest
from schema.root import schema

PLACE = "query Place($slug: String!) { location(slug: $slug) { name } }"
KIND = "{ __typename }"
TWO = "query One { one: __typename } query Two { two: __typename }"


async def register(database_url: str, documents: Mapping[str, str], client: str = "web", version: str = "1") -> None:
    """Push documents, by the id that the client sends, and publish them."""
    manifest = Manifest("test", tuple(Entry(name, text) for name, text in documents.items()))
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await push(connection, manifest, client, version, schema._schema)
        await publish(connection, client, version)


async def execute(database_url: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(statement)


async def flush(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()


@asynccontextmanager
async def running(gateway: Gateway, *, ready: bool = True) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, between its start-up and its shutdown. ready: once it says so."""
    messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(gateway({"type": "lifespan"}, messages.get, sent.put))
    await messages.put({"type": "lifespan.startup"})
    assert await sent.get() == {"type": "lifespan.startup.complete"}
    app: Any = gateway
    try:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as client:
            if ready:
                await until_ready(client)
            yield client
    finally:
        await messages.put({"type": "lifespan.shutdown"})
        async with asyncio.timeout(20):
            await life


async def until_ready(client: httpx2.AsyncClient) -> httpx2.Response:
    """The first answer of ``/health/ready`` that says so."""
    async with asyncio.timeout(20):
        while (response := await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 - as a probe does
            await asyncio.sleep(0.01)
    return response


def configured(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Gateway:
    """The application as it is under these settings, without the prefix, on top of the tests' own.

    Every request is executed, unless the response cache is asked for.
    """
    with monkeypatch.context() as changed:
        for name, value in {"RESPONSE_CACHE": "off", "ACCESS_LOG": "off", **settings}.items():
            changed.setenv(f"LARDER_{name}", value)
        config.cache_clear()
        gateway = build()
    config.cache_clear()
    return gateway


@asynccontextmanager
async def serving(
    monkeypatch: pytest.MonkeyPatch, documents: Mapping[str, str] | None = None, **settings: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a gateway with registered documents."""
    gateway = configured(monkeypatch, **settings)
    await flush(config().redis_url or "")
    if documents:
        await register(config().database_url, documents)
    async with running(gateway) as client:
        yield client


def prefixed(text: str) -> str:
    return f"sha256:{sha256_of(text)}"


def told(response: httpx2.Response) -> dict[str, str]:
    """The headers, but the one that is another one for each request."""
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}
