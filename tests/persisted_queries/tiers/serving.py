"""A registry over real servers, and faults to put in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, socket
from typing import Any

import psycopg
from graphql import DocumentNode, parse
from redis.asyncio import Redis

from persisted_queries.deployments import publish, push
from persisted_queries.documents import Document
from persisted_queries.redis_tier import RedisTier
from persisted_queries.registry import Registry
from persisted_queries.store import DocumentStore
from tests.persisted_queries.pushes import SCHEMA, mapped

Connection = psycopg.AsyncConnection[Any]
WEIGHT = 5_000


@dataclass
class Preparer:
    """Prepares by parsing; ``texts`` are those prepared, in order."""

    texts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    async def __call__(self, document: Document) -> DocumentNode:
        self.texts.append(document.text)
        await asyncio.sleep(self.seconds)
        return parse(document.text)


def numbered(count: int, start: int = 0) -> dict[str, str]:
    """Documents by custom id: ``app~0`` and so on."""
    return {
        f"app~{number}": f"query Q{number} {{ items(first: {number}) {{ id }} }}"
        for number in range(start, start + count)
    }


async def deploy(
    connection: Connection, documents: dict[str, str], *, client: str = "web", version: str = "1", replace: bool = True
) -> int:
    await push(connection, mapped(documents), client, version, SCHEMA)
    return await publish(connection, client, version, replace=replace)


def registry_over(
    store: str | DocumentStore, redis: RedisTier | str | None = None, prepare: Preparer | None = None, **options: Any
) -> Registry[DocumentNode]:
    options.setdefault("weigh", lambda _: WEIGHT)
    documents = store if isinstance(store, DocumentStore) else DocumentStore(store)
    tier = RedisTier(redis) if isinstance(redis, str) else redis
    return Registry(documents, tier, prepare or Preparer(), **options)


@asynccontextmanager
async def running(registry: Registry[DocumentNode], *, ready: bool = True) -> AsyncIterator[Registry[DocumentNode]]:
    await registry.start()
    try:
        if ready:
            await until(lambda: registry.ready)
        yield registry
    finally:
        await registry.stop()


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> float:
    """Seconds until a condition holds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds} s")
        await asyncio.sleep(0.002)
    return time.monotonic() - began


async def until_gone(registry: Registry[DocumentNode], document_id: str, seconds: float = 5.0) -> float:
    """Seconds until an id is not registered any more, asked again and again."""
    began = time.monotonic()
    while await registry.get(document_id) is not None:
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{document_id} still answers")
        await asyncio.sleep(0.002)
    return time.monotonic() - began


async def until_kept(redis: Redis, document_id: str, generation: int, seconds: float = 5.0) -> None:
    """Wait until Redis has what an id stands for at a generation."""
    began = time.monotonic()
    while await redis.hget(f"larder:document:{document_id}", "generation") != str(generation).encode():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{document_id} is not in Redis")
        await asyncio.sleep(0.002)


async def text_of(registry: Registry[DocumentNode], document_id: str) -> str | None:
    entry = await registry.get(document_id)
    return None if entry is None else entry.document.text


async def timed(work: Awaitable[Any]) -> float:
    began = time.monotonic()
    await work
    return time.monotonic() - began


@asynccontextmanager
async def black_hole(path: Path | None = None) -> AsyncIterator[str]:
    """A server that accepts and never answers: on a Unix socket, or on a port of this machine. Yields its address."""
    connections: list[asyncio.StreamWriter] = []

    async def swallow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    if path is None:
        server = await asyncio.start_server(swallow, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(swallow, str(path))
        address = str(path)
    try:
        yield address
    finally:
        server.close()
        for writer in connections:
            writer.close()
        await server.wait_closed()


def free_port() -> int:
    with closing(socket(AF_INET)) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
