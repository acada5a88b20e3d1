"""GraphQL over HTTP: what a request asks for (https://graphql.github.io/graphql-over-http/draft/#sec-Request)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson

from gateway.endpoint.errors import RequestError

MAX_BODY_BYTES = 100_000

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A request's parameters, of checked types; ``parameters`` are all of them, for the protocols of documents.

    path_id: the document id in the path. by_get: whether it may be answered from a cache on the way.
    """

    parameters: Mapping[str, Any]
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    path_id: str | None = None
    by_get: bool = False


async def read_request(scope: Scope, receive: Receive, path_id: str | None = None) -> GraphQLRequest:
    """Read one request. Raises ``RequestError`` for anything that is not a well-formed GraphQL request."""
    method = scope["method"]
    if method == "GET":
        return checked(query_parameters(scope), path_id, by_get=True)
    if method != "POST":
        raise RequestError(405, "METHOD_NOT_ALLOWED", f"use GET or POST, not {method}", ((b"allow", b"GET, POST"),))
    content_type = header(scope, b"content-type").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", f"send application/json, not {content_type or 'nothing'!r}")
    if header(scope, b"content-encoding").lower() not in ("", "identity"):
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", "send the body without a content encoding")
    try:
        parameters = orjson.loads(await body(receive))
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "BAD_REQUEST", f"the body is not JSON: {error}") from error
    if not isinstance(parameters, dict):
        raise RequestError(400, "BAD_REQUEST", f"the body must be a JSON object, not {json_kind(parameters)}")
    return checked(parameters | named_in_query_string(scope, parameters), path_id, by_get=False)


def query_parameters(scope: Scope) -> dict[str, Any]:
    """The parameters of a GET, each at most once; ``variables`` and ``extensions`` are JSON."""
    try:
        pairs = parse_qs(
            scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=32
        )
    except ValueError as error:
        raise RequestError(400, "BAD_REQUEST", "the query string is not well-formed UTF-8 form data") from error
    parameters: dict[str, Any] = {}
    for name, values in pairs.items():
        if len(values) > 1:
            raise RequestError(400, "BAD_REQUEST", f"{name} is given {len(values)} times")
        parameters[name] = values[0]
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            try:
                parameters[name] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise RequestError(400, "BAD_REQUEST", f"{name} is not JSON: {error}") from error
        else:
            parameters.pop(name, None)
    return {name: value for name, value in parameters.items() if value != ""}


def named_in_query_string(scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The ``documentId`` of a POST's query string; all else there is ignored."""
    if b"documentId=" not in scope["query_string"]:
        return {}
    document_id = query_parameters(scope).get("documentId")
    if document_id is None:
        return {}
    if parameters.get("documentId") not in (None, document_id):
        raise RequestError(400, "BAD_REQUEST", "documentId in the query string is not that of the body")
    return {"documentId": document_id}


def checked(parameters: dict[str, Any], path_id: str | None, *, by_get: bool) -> GraphQLRequest:
    """The parameters with their types checked; unknown ones are ignored."""
    for name, kind in (("query", str), ("operationName", str), ("variables", dict), ("extensions", dict)):
        value = parameters.get(name)
        if value is not None and not isinstance(value, kind):
            wanted = "text" if kind is str else "a JSON object"
            raise RequestError(400, "BAD_REQUEST", f"{name} must be {wanted}, not {json_kind(value)}")
    return GraphQLRequest(
        parameters,
        parameters.get("variables"),
        parameters.get("operationName"),
        parameters.get("extensions"),
        path_id,
        by_get,
    )


async def body(receive: Receive, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body. Raises ``RequestError`` above the limit or when the client goes away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError(400, "BAD_REQUEST", "the client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise RequestError(413, "REQUEST_TOO_LARGE", f"the body is larger than {limit} bytes")
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def header(scope: Scope, name: bytes) -> str:
    """A header's value, or empty text."""
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def json_kind(value: object) -> str:
    """What a JSON value is, in JSON's words."""
    kinds = {dict: "an object", list: "an array", str: "text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
