"""Deployments: a client's documents, pushed, published and retired as a whole.

``pending`` → ``active`` → ``retired``, and back to ``active`` when an older version is published again. Each change is
one transaction; they wait for each other, readers for none. The connections given here commit by themselves.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from graphql import GraphQLSchema

from persisted_queries.examining import LIMITS, Examined, Limits, examine
from persisted_queries.ids import GOOD, forms
from persisted_queries.manifests.manifest import Entry, Manifest
from persisted_queries.problems import DeploymentRefused, ManifestRefused, Problem, UnknownDeployment

CHANNEL = "larder_registry"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('larder_registry', 0))"
BUMP = """
INSERT INTO larder_registry (id, generation) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET generation = larder_registry.generation + 1 RETURNING generation
"""
GENERATION = "SELECT coalesce(max(generation), 0) FROM larder_registry"
FIND = """
SELECT id, state, digest, documents,
       (SELECT count(*) FROM larder_deployment_document WHERE deployment_id = larder_deployment.id)
FROM larder_deployment WHERE client_id = %s AND version = %s FOR UPDATE
"""
ADD_CLIENT = "INSERT INTO larder_client (name) VALUES (%s) ON CONFLICT DO NOTHING"
ADD_DOCUMENTS = """
INSERT INTO larder_document (sha256, text, bytes, normal_sha256)
SELECT DISTINCT ON (sha256) sha256, text, octet_length(convert_to(text, 'UTF8')), normal_sha256
FROM unnest(%s::text[], %s::text[], %s::text[]) AS pushed (sha256, text, normal_sha256)
ON CONFLICT DO NOTHING
"""
TAKEN = """
SELECT pushed.id, alias.document_id
FROM unnest(%s::text[], %s::text[]) AS pushed (id, sha256)
JOIN larder_document_alias AS alias ON alias.id = pushed.id AND alias.document_id <> pushed.sha256
ORDER BY pushed.id
"""
ADD_ALIASES = """
INSERT INTO larder_document_alias (id, document_id)
SELECT DISTINCT id, sha256 FROM unnest(%s::text[], %s::text[]) AS pushed (id, sha256)
ON CONFLICT DO NOTHING
"""
ADD_DEPLOYMENT = """
INSERT INTO larder_deployment (client_id, version, manifest, digest, documents) VALUES (%s, %s, %s, %s, %s)
RETURNING id, state
"""
FILL = """
INSERT INTO larder_deployment_document (deployment_id, document_id, sent_id, operation_name)
SELECT %s, sha256, sent_id, operation_name
FROM unnest(%s::text[], %s::text[], %s::text[]) AS pushed (sha256, sent_id, operation_name)
ON CONFLICT DO NOTHING
"""
HELD = """
SELECT held.sent_id, document.text FROM larder_deployment_document AS held
JOIN larder_document AS document ON document.sha256 = held.document_id WHERE held.deployment_id = %s ORDER BY held.id
"""
ACTIVATE = """
UPDATE larder_deployment SET state = 'active', published_at = now(), retired_at = NULL
WHERE id = %s AND state <> 'active'
"""
RETIRE_OTHERS = """
UPDATE larder_deployment SET state = 'retired', retired_at = now()
WHERE client_id = %s AND id <> %s AND state = 'active'
"""
RETIRE = "UPDATE larder_deployment SET state = 'retired', retired_at = now() WHERE id = %s"

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did: ``documents`` in the deployment, ``added`` of them new to the registry.

    ``unchanged``: the version had been pushed before with the same content, and nothing was written.
    """

    client: str
    version: str
    state: str
    documents: int
    added: int
    unchanged: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A deployment's row. ``present`` of its ``documents`` are still there; the others were pruned."""

    id: int
    state: str
    digest: str
    documents: int
    present: int


async def push(
    connection: Connection,
    manifest: Manifest,
    client: str,
    version: str,
    schema: GraphQLSchema,
    *,
    limits: Limits = LIMITS,
    dry_run: bool = False,
) -> PushReport:
    """Store a manifest's documents as a pending deployment, all or nothing; they are not registered yet.

    Pushing the same content again changes nothing, whatever the state; documents that were pruned come back. Raises
    ``ManifestRefused`` with every problem, ``DeploymentRefused`` for other content under the same version.
    """
    check_names(manifest, client, version)
    documents = await asyncio.to_thread(examine, manifest, schema, limits)
    digest = digest_of(documents)
    async with connection.transaction(force_rollback=dry_run):
        await connection.execute(LOCK)
        before = await find(connection, client, version)
        if before and before.digest != digest:
            raise DeploymentRefused(client, version, "was pushed with other documents: take another version")
        if before and before.present == before.documents:
            return PushReport(client, version, before.state, before.documents, 0, unchanged=True, dry_run=dry_run)
        await connection.execute(ADD_CLIENT, [client])
        added = await add_documents(connection, documents)
        number, state = (before.id, before.state) if before else (0, "")
        if not before:
            values = [client, version, manifest.format, digest, len(documents)]
            number, state = await one(connection, ADD_DEPLOYMENT, values)
        columns = ("sha256", "document_id", "operation_name")
        await connection.execute(FILL, [number, *column_lists(documents, columns)])
    return PushReport(client, version, state, len(documents), added, unchanged=False, dry_run=dry_run)


async def publish(
    connection: Connection, client: str, version: str, *, replace: bool = True, schema: GraphQLSchema | None = None
) -> int:
    """Make a deployment active and, with ``replace``, retire the client's other active ones. Returns: the generation.

    With a ``schema`` the documents have to be valid in it. Publishing what is active already, and alone where it shall
    be, changes nothing. Raises ``UnknownDeployment``, ``DeploymentRefused``, ``ManifestRefused``.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        found = await known(connection, client, version)
        if found.present < found.documents:
            raise DeploymentRefused(client, version, "some of its documents were pruned: push it again first")
        if schema is not None:
            await check_held(connection, found, schema)
        changed = (await connection.execute(ACTIVATE, [found.id])).rowcount
        if replace:
            changed += (await connection.execute(RETIRE_OTHERS, [client, found.id])).rowcount
        return await (bump(connection) if changed else generation(connection))


async def retire(connection: Connection, client: str, version: str) -> int:
    """Retire a deployment: its documents are no longer registered through it. Returns: the generation.

    Retiring what is retired changes nothing. Raises ``UnknownDeployment``.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        found = await known(connection, client, version)
        if found.state == "retired":
            return await generation(connection)
        await connection.execute(RETIRE, [found.id])
        return await bump(connection)


async def generation(connection: Connection) -> int:
    """The registry's generation; 0 before the first publish."""
    (value,) = await one(connection, GENERATION, [])
    return int(value)


async def bump(connection: Connection) -> int:
    """Raise the generation and notify ``larder_registry`` with it, as part of the transaction. Returns: it."""
    (value,) = await one(connection, BUMP, [])
    await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(value)])
    return int(value)


def check_names(manifest: Manifest, client: str, version: str) -> None:
    """Raises ``DeploymentRefused`` for a bad name, ``ManifestRefused`` for documents of another client."""
    for rule, value in (("a client's name", client), ("a version", version)):
        if not GOOD.fullmatch(value):
            raise DeploymentRefused(client, version, f"{rule} has 1 to 256 visible ASCII characters (got {value!r})")
    others = [entry for entry in manifest.entries if entry.client not in {None, client}]
    if others:
        rule = f"clientName is that of the push, {client}"
        raise ManifestRefused(Problem(o.document_id, o.name or "", rule, str(o.client)) for o in others)


async def add_documents(connection: Connection, documents: Sequence[Examined]) -> int:
    """Store documents with every form of their ids. Returns: how many are new. Raises ``ManifestRefused``."""
    columns = column_lists(documents, ("sha256", "text", "normal_sha256"))
    added = (await connection.execute(ADD_DOCUMENTS, columns)).rowcount
    by_id = {form: document for document in documents for form in forms(document.document_id, document.sha256)}
    aliases = [list(by_id), [document.sha256 for document in by_id.values()]]
    taken = await (await connection.execute(TAKEN, aliases)).fetchall()
    if taken:
        rule = "the id stands for another document"
        raise ManifestRefused(Problem(i, by_id[i].operation_name, rule, f"sha256:{other}") for i, other in taken)
    await connection.execute(ADD_ALIASES, aliases)
    return added


async def check_held(connection: Connection, found: Found, schema: GraphQLSchema) -> None:
    """Raises ``ManifestRefused`` when a document of a deployment is not valid in a schema."""
    rows = await (await connection.execute(HELD, [found.id])).fetchall()
    limits = Limits(document_bytes=2**31, tokens=2**31, documents=2**31)
    await asyncio.to_thread(examine, Manifest("", tuple(Entry(*row) for row in rows)), schema, limits)


def column_lists(documents: Sequence[Examined], columns: Sequence[str]) -> list[list[str]]:
    """The documents' attributes, one list for each column."""
    return [[getattr(document, column) for document in documents] for column in columns]


def digest_of(documents: Sequence[Examined]) -> str:
    """What two pushes of the same content have in common, whatever the format and the order."""
    lines = sorted(f"{document.document_id} {document.sha256}" for document in documents)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def find(connection: Connection, client: str, version: str) -> Found | None:
    row = await (await connection.execute(FIND, [client, version])).fetchone()
    return Found(*row) if row else None


async def known(connection: Connection, client: str, version: str) -> Found:
    found = await find(connection, client, version)
    if found is None:
        raise UnknownDeployment(client, version)
    return found


async def one(connection: Connection, statement: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """The one row of a statement."""
    row = await (await connection.execute(statement, values)).fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    return row
