"""Deployments over HTTP: ``POST /documents/push``, ``/documents/publish`` and ``/documents/retire``.

Each takes ``client`` and ``version`` in the query string and a bearer token; a push has the manifest as its body, of
any format that ``persisted_queries.manifests`` knows, or as ``gateway.documents_client`` writes it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import orjson
import psycopg
from graphql import GraphQLSchema

from gateway.documents_client import FORMAT
from gateway.endpoint.errors import RequestError
from gateway.endpoint.parameters import query_parameters
from gateway.endpoint.requests import Receive, Scope, body, header
from gateway.endpoint.responses import Send, send_json
from persisted_queries import deployments
from persisted_queries.manifests import parse_manifest
from persisted_queries.manifests.manifest import Entry, Manifest
from persisted_queries.problems import DeploymentRefused, ManifestRefused, UnknownDeployment

PATH = "/documents/"
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
SHOWN = 100
"""Problems of a manifest that are told."""

FLAGS = {"true": True, "false": False}


class Pushing:
    """Serves pushes into the store at ``database_url`` to whoever has the token, validated against ``schema``."""

    def __init__(self, database_url: str, schema: GraphQLSchema, token: str) -> None:
        self.database_url = database_url
        self.schema = schema
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            said = await self.answer(scope, receive)
        except RequestError as error:
            await send_json(send, error.status, error.payload(), headers=error.headers)
        except ManifestRefused as error:
            problems = [{"message": str(found), "extensions": {"code": "MANIFEST_REFUSED"}} for found in error.problems]
            await send_json(send, 422, {"errors": problems[:SHOWN]})
        except DeploymentRefused as error:
            await send_json(send, 409, RequestError(409, "DEPLOYMENT_REFUSED", str(error)).payload())
        except UnknownDeployment as error:
            await send_json(send, 404, RequestError(404, "DEPLOYMENT_UNKNOWN", str(error)).payload())
        except (psycopg.OperationalError, OSError):
            await send_json(send, 503, RequestError(503, "STORE_UNAVAILABLE", "The store does not answer.").payload())
        else:
            await send_json(send, 200, said)

    async def answer(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        """What was done. Raises ``RequestError``, ``RegistryError``, ``psycopg.Error``."""
        self.check(scope)
        parameters = query_parameters(scope["query_string"])
        client, version = (needed(parameters, name) for name in ("client", "version"))
        match scope["path"].removeprefix(PATH):
            case "push":
                manifest = read_manifest(await body(receive, MAX_MANIFEST_BYTES))
                return await self.push(manifest, client, version, dry_run=flag(parameters, "dryRun", default=False))
            case "publish":
                replace = flag(parameters, "replace", default=True)
                async with await self.connect() as connection:
                    generation = await deployments.publish(
                        connection, client, version, replace=replace, schema=self.schema
                    )
            case "retire":
                async with await self.connect() as connection:
                    generation = await deployments.retire(connection, client, version)
            case other:
                raise RequestError(404, "NOT_FOUND", f"use push, publish or retire, not {other!r}")
        return {"client": client, "version": version, "generation": generation}

    def check(self, scope: Scope) -> None:
        """Raise ``RequestError`` for whoever may not."""
        kind, _, token = header(scope, b"authorization").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self.token.encode()):
            raise RequestError(
                401, "UNAUTHORIZED", "send the push token as a bearer token", ((b"www-authenticate", b"Bearer"),)
            )
        if scope["method"] != "POST":
            raise RequestError(405, "METHOD_NOT_ALLOWED", f"use POST, not {scope['method']}", ((b"allow", b"POST"),))

    async def push(self, manifest: Manifest, client: str, version: str, *, dry_run: bool) -> dict[str, Any]:
        """Push, and the report of it."""
        async with await self.connect() as connection:
            report = await deployments.push(connection, manifest, client, version, self.schema, dry_run=dry_run)
        return {
            "client": report.client,
            "version": report.version,
            "state": report.state,
            "documents": report.documents,
            "added": report.added,
            "unchanged": report.unchanged,
            "dryRun": report.dry_run,
        }

    async def connect(self) -> deployments.Connection:
        """A connection that commits by itself; unprepared, so that it works behind a pooler as well."""
        return await psycopg.AsyncConnection.connect(
            self.database_url,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=5,
            application_name="larder pushes",
        )


def read_manifest(data: bytes) -> Manifest:
    """The manifest in a request's body. Raises ``ManifestRefused``, ``RequestError``."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "BAD_REQUEST", f"the manifest is not JSON: {error}") from error
    if not isinstance(found, Mapping) or found.get("format") != FORMAT:
        return parse_manifest(data)
    try:
        entries = [Entry(one["id"], one["text"], one["name"], one["client"]) for one in found["documents"]]
        source = found["source"]
    except (KeyError, TypeError) as error:
        raise RequestError(400, "BAD_REQUEST", f"not a manifest of the format {FORMAT}") from error
    texts = [source, *(value for entry in entries for value in (entry.document_id, entry.text))]
    rest = [value for entry in entries for value in (entry.name, entry.client) if value is not None]
    if not all(isinstance(value, str) for value in texts + rest):
        raise RequestError(400, "BAD_REQUEST", f"not a manifest of the format {FORMAT}: every value is text")
    return Manifest(source, tuple(entries))


def needed(parameters: Mapping[str, Any], name: str) -> str:
    """A parameter that has to be there."""
    if name not in parameters:
        raise RequestError(400, "BAD_REQUEST", f"{name} is missing in the query string")
    return str(parameters[name])


def flag(parameters: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """A parameter that is ``true`` or ``false``."""
    if name not in parameters:
        return default
    try:
        return FLAGS[parameters[name]]
    except (KeyError, TypeError):
        raise RequestError(400, "BAD_REQUEST", f"{name} must be true or false") from None
