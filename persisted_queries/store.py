"""Registered documents as PostgreSQL has them: the truth behind the tiers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from psycopg import AsyncConnection, Error, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg.errors import QueryCanceled
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from loaders.errors import StoreBusy, StoreUnavailable
from persisted_queries.budgets import held_budget
from persisted_queries.deadlines import Deadlines
from persisted_queries.documents import Document, Registered

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]

CHANNEL = "larder_registry"
CONNECTIONS = 2
WAITING = 1_000
"""Look-ups that may wait for a connection; more are refused at once."""

TIMEOUT_SECONDS = 1.0
LISTING_SECONDS = 10.0
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 2}

OPTIONS = "-c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
"""For look-ups by index: of 2,000 ids among 100,000 documents they halve the time."""

GENERATION = "SELECT coalesce(max(generation), 0) FROM larder_registry"
HOLDERS = """
    SELECT array_agg(DISTINCT deployment.client_id ORDER BY deployment.client_id)
    FROM larder_deployment_document AS held
    JOIN larder_deployment AS deployment ON deployment.id = held.deployment_id AND deployment.state = 'active'
    WHERE held.document_id = document.sha256
"""
FIND = f"""
SELECT registry.generation, found.sha256, found.text, found.clients, found.budget
FROM ({GENERATION}) AS registry (generation)
LEFT JOIN (
    SELECT document.sha256, document.text, holders.clients, document.budget
    FROM larder_document_alias AS alias
    JOIN larder_document AS document ON document.sha256 = alias.document_id
    CROSS JOIN LATERAL ({HOLDERS}) AS holders (clients)
    WHERE alias.id = %s AND holders.clients IS NOT NULL
) AS found ON true
"""
FIND_BY_NORMAL_FORM = f"""
SELECT document.sha256, document.text, holders.clients, document.budget
FROM larder_document AS document
CROSS JOIN LATERAL ({HOLDERS}) AS holders (clients)
WHERE document.normal_sha256 = %s AND holders.clients IS NOT NULL
ORDER BY document.sha256
"""
STANDING = f"""
WITH asked AS MATERIALIZED (
    SELECT id, document_id FROM larder_document_alias WHERE id = ANY(%s)
), holders AS (
    SELECT held.document_id, array_agg(DISTINCT deployment.client_id ORDER BY deployment.client_id) AS clients
    FROM larder_deployment_document AS held
    JOIN larder_deployment AS deployment ON deployment.id = held.deployment_id AND deployment.state = 'active'
    WHERE held.document_id = ANY(ARRAY(SELECT document_id FROM asked))
    GROUP BY held.document_id
)
SELECT registry.generation, now(), found.id, found.document_id, found.clients, found.budget
FROM ({GENERATION}) AS registry (generation)
LEFT JOIN (
    asked JOIN holders USING (document_id) JOIN larder_document AS document ON document.sha256 = asked.document_id
) AS found ON true
"""
REGISTERED = f"""
WITH held AS (
    SELECT held.document_id, array_agg(DISTINCT held.sent_id ORDER BY held.sent_id) AS ids,
        array_agg(DISTINCT deployment.client_id ORDER BY deployment.client_id) AS clients
    FROM larder_deployment_document AS held
    JOIN larder_deployment AS deployment ON deployment.id = held.deployment_id AND deployment.state = 'active'
    GROUP BY held.document_id
    HAVING %(since)s::timestamptz IS NULL OR max(deployment.published_at) >= %(since)s
), usage AS (
    SELECT document_id, sum(count) AS used FROM larder_document_usage WHERE day > current_date - 30 GROUP BY 1
), chosen AS (
    SELECT held.*, coalesce(usage.used, 0) AS used FROM held LEFT JOIN usage USING (document_id)
    ORDER BY used DESC, document_id LIMIT %(limit)s
)
SELECT registry.generation, chosen.ids, document.sha256, document.text, chosen.clients, document.budget
FROM ({GENERATION}) AS registry (generation)
LEFT JOIN (chosen JOIN larder_document AS document ON document.sha256 = chosen.document_id) ON true
ORDER BY chosen.used DESC, chosen.document_id
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one id stood for at one generation: its registered document, or None."""

    generation: int
    document: Document | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Which ids were registered at one generation, and what each stood for. ``at`` is the store's clock."""

    generation: int
    at: datetime
    registered: dict[str, Registered]


@dataclass(frozen=True, slots=True)
class Listing:
    """Registered documents of one generation, most used first, each with the ids that its clients send."""

    generation: int
    documents: list[tuple[tuple[str, ...], Document]]


class DocumentStore:
    """Reads the registry's tables over two connections of its own. Each answer is one statement, so one snapshot.

    pooled: ``database_url`` is that of a pooler in transaction mode, and ``direct_url`` leads past it, for LISTEN.
    Every method raises ``StoreUnavailable`` when PostgreSQL does not answer in a second, ``StoreBusy`` when too many
    look-ups wait already.
    """

    def __init__(
        self,
        database_url: str,
        *,
        direct_url: str | None = None,
        pooled: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.direct_url = direct_url or database_url
        self.timeout_seconds = timeout_seconds
        self._deadlines = Deadlines()
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            make_conninfo(
                database_url,
                application_name="larder documents",
                **({} if pooled else {"options": OPTIONS}),
                **KEEPALIVE,
            ),
            kwargs={"autocommit": True, "prepare_threshold": None if pooled else 0},
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            max_waiting=WAITING,
            timeout=timeout_seconds,
            # A store that comes back is asked again at once, not after a wait that doubled while it was away.
            reconnect_timeout=2,
            open=False,
        )

    async def open(self) -> None:
        """Start connecting; returns at once, whether the store answers or not."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._deadlines.stop()
        await self._pool.close()

    async def find(self, document_id: str) -> Reading:
        """The registered document that has the id, and the generation at which it had it."""
        ((generation, sha256, *rest),) = await self._read(FIND, [document_id])
        return Reading(generation, None if sha256 is None else document_of(sha256, *rest))

    async def find_by_normal_form(self, normal_sha256: str) -> list[Document]:
        """The registered documents with a normal form (``normalising.normal_sha256_of``), by SHA-256."""
        rows = await self._read(FIND_BY_NORMAL_FORM, [normal_sha256])
        return [document_of(*row) for row in rows]

    async def still_registered(self, document_ids: Iterable[str]) -> Standing:
        """Which of the ids are registered, in one statement."""
        rows = await self._read(STANDING, [list(document_ids)])
        registered = {
            name: Registered(sha256, tuple(clients), held_budget(budget))
            for _, _, name, sha256, clients, budget in rows
            if name is not None
        }
        return Standing(rows[0][0], rows[0][1], registered)

    async def generation(self) -> int:
        """The registry's generation; 0 before the first publish."""
        ((generation,),) = await self._read(GENERATION, [])
        return int(generation)

    async def registered(self, limit: int, *, since: datetime | None = None) -> Listing:
        """The most used documents of the last 30 days; ``since``: only of deployments published from then on."""
        rows = await self._read(REGISTERED, {"limit": limit, "since": since}, seconds=LISTING_SECONDS)
        documents = [(tuple(ids), document_of(sha256, *rest)) for _, ids, sha256, *rest in rows if sha256 is not None]
        return Listing(rows[0][0], documents)

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, seconds: float = LISTING_SECONDS) -> T:
        """Do some work over one of the connections, which is in autocommit mode."""
        return await self._within(self._on_connection(work), seconds)

    async def changes(self) -> AsyncGenerator[int]:
        """Listen, over a connection of its own: the generation as it is, then each one that a publish notifies.

        Raises ``psycopg.Error`` or ``OSError`` when the connection is lost.
        """
        async with self._listening() as connection:
            ((generation,),) = await (await connection.execute(GENERATION)).fetchall()
            yield generation
            async for notify in connection.notifies():
                if notify.payload.isdecimal():
                    yield int(notify.payload)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[Connection]:
        connection: Connection = await AsyncConnection.connect(
            make_conninfo(self.direct_url, application_name="larder documents listener", **KEEPALIVE), autocommit=True
        )
        try:
            await connection.execute(f"LISTEN {CHANNEL}")
            yield connection
        finally:
            await connection.close()

    async def _read(self, statement: str, values: Any, *, seconds: float | None = None) -> Sequence[tuple[Any, ...]]:
        async def rows(connection: Connection) -> Sequence[tuple[Any, ...]]:
            return await (await connection.execute(statement, values)).fetchall()

        return await self._within(self._on_connection(rows), seconds or self.timeout_seconds)

    async def _on_connection(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            async with self._pool.connection() as connection:
                return await work(connection)
        except OperationalError as error:
            if isinstance(error, PoolTimeout | TooManyRequests | QueryCanceled):
                raise
        # The server was restarted, and has closed the other idle connection too.
        await self._pool.check()
        async with self._pool.connection() as connection:
            return await work(connection)

    async def _within(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        try:
            return await self._deadlines.within(seconds, work)
        except TooManyRequests as error:
            raise StoreBusy from error
        except (Error, OSError) as error:
            raise StoreUnavailable from error


def document_of(sha256: str, text: str, clients: Sequence[str], budget: object) -> Document:
    """The document that a row holds."""
    return Document(sha256, text, tuple(clients), held_budget(budget))
