"""What the registry holds, for operators to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from persisted_queries.budgets import held_budget
from persisted_queries.manifests.manifest import Entry
from persisted_queries.problems import UnknownDeployment, UnknownDocument

DEPLOYMENTS = """
SELECT deployment.client_id, deployment.version, deployment.state, deployment.manifest, deployment.documents,
       (SELECT count(*) FROM larder_deployment_document WHERE deployment_id = deployment.id),
       deployment.created_at, deployment.published_at, deployment.retired_at
FROM larder_deployment AS deployment
WHERE (%(client)s::text IS NULL OR deployment.client_id = %(client)s)
AND (%(state)s::text IS NULL OR deployment.state = %(state)s)
ORDER BY deployment.client_id, deployment.id DESC
"""
DOCUMENT = """
SELECT document.sha256, document.text, document.bytes, document.created_at,
       ARRAY(SELECT id FROM larder_document_alias WHERE document_id = document.sha256 ORDER BY id),
       (SELECT coalesce(sum(count), 0)::bigint FROM larder_document_usage WHERE document_id = document.sha256),
       (SELECT max(day) FROM larder_document_usage WHERE document_id = document.sha256),
       document.budget
FROM larder_document_alias AS alias JOIN larder_document AS document ON document.sha256 = alias.document_id
WHERE alias.id = %s
"""
HOLDERS = """
SELECT deployment.client_id, deployment.version, deployment.state, held.sent_id, held.operation_name
FROM larder_deployment_document AS held JOIN larder_deployment AS deployment ON deployment.id = held.deployment_id
WHERE held.document_id = %s
ORDER BY deployment.client_id, deployment.id DESC, held.sent_id
"""
EXPORT = """
SELECT held.sent_id, document.text, held.operation_name, deployment.client_id
FROM larder_deployment AS deployment
LEFT JOIN larder_deployment_document AS held ON held.deployment_id = deployment.id
LEFT JOIN larder_document AS document ON document.sha256 = held.document_id
WHERE deployment.client_id = %s AND deployment.version = %s
ORDER BY held.id
"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment. ``present`` of its ``documents`` are still stored; the others were pruned."""

    client: str
    version: str
    state: str
    manifest: str
    documents: int
    present: int
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None

    @property
    def since(self) -> datetime:
        """When it came into its state."""
        moments = {"active": self.published_at, "retired": self.retired_at}
        return moments.get(self.state) or self.created_at


@dataclass(frozen=True, slots=True)
class Holder:
    """A deployment that holds a document, under the id that its client sends."""

    client: str
    version: str
    state: str
    document_id: str
    operation_name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A document with all its ids, the deployments that hold it, how often it was asked for, its budget by limit."""

    sha256: str
    text: str
    bytes: int
    created_at: datetime
    ids: tuple[str, ...]
    asked: int
    last_day: date | None
    holders: tuple[Holder, ...]
    budget: dict[str, int] | None


async def deployments(
    connection: Connection, *, client: str | None = None, state: str | None = None
) -> Sequence[Deployed]:
    """The deployments of a client, or of all, newest first within a client."""
    cursor = await connection.execute(DEPLOYMENTS, {"client": client, "state": state})
    return [Deployed(*row) for row in await cursor.fetchall()]


async def document(connection: Connection, document_id: str) -> Shown:
    """The document with an id of any kind, registered or not. Raises ``UnknownDocument``."""
    row = await (await connection.execute(DOCUMENT, [document_id])).fetchone()
    if row is None:
        raise UnknownDocument(document_id)
    holders = await (await connection.execute(HOLDERS, [row[0]])).fetchall()
    sha256, text, size, created_at, ids, asked, last_day, held = row
    listed, budget = tuple(Holder(*holder) for holder in holders), held_budget(held)
    own = None if budget is None else budget.given
    return Shown(sha256, text, size, created_at, tuple(ids), asked, last_day, listed, own)


async def entries(connection: Connection, client: str, version: str) -> Sequence[Entry]:
    """The documents of a deployment as they were pushed, in their order. Raises ``UnknownDeployment``."""
    rows = await (await connection.execute(EXPORT, [client, version])).fetchall()
    if not rows:
        raise UnknownDeployment(client, version)
    return [Entry(document_id, text, name, client) for document_id, text, name, client in rows if document_id]
