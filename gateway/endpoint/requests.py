"""GraphQL over HTTP: what a request asks for (https://graphql.github.io/graphql-over-http/draft/#sec-Request)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gateway.endpoint.errors import ClientGone, RequestError
from gateway.endpoint.inflating import inflate
from gateway.endpoint.parameters import (
    IDS,
    check_kinds,
    check_names,
    json_kind,
    json_of,
    known,
    named_in_query_string,
    query_parameters,
)
from gateway.endpoint.remembered import Remembered

MAX_BODY_BYTES = 100_000
MAX_QUERY_BYTES = 32_768
ALLOWED = ((b"allow", b"GET, HEAD, POST, OPTIONS"),)

REMEMBERED_BYTES = 2 * 1024 * 1024
"""Of requests that are remembered, each as it was sent and with what is made of it."""

OVERHEAD_BYTES = 1000
"""What a remembered request holds beside its bytes, measured."""

REMEMBERED_EACH = 16 * 1024
REMEMBERED_BRACKETS = 64
"""A request that opens more is not remembered: empty objects are small to send and large to keep."""

DRAINED = 10
"""Times the limit that is read of a body above it, so that its sender is still there to be told."""

UTF8 = {"", "utf-8", "utf8", '"utf-8"', '"utf8"'}
SEPARATORS = {b"cookie": b"; "}

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Headers = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A request's parameters, of checked types; ``parameters`` are all that are known, for the protocols of documents.

    Requests of the same bytes share one, so nobody changes what is in it. path_id: the document id in the path.
    by_get: whether it may be answered from a cache on the way.
    """

    parameters: Mapping[str, Any]
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    path_id: str | None = None
    by_get: bool = False

    @property
    def names_document(self) -> bool:
        """Whether it says which document it is about, by text or id."""
        parameters = self.parameters
        return (
            self.path_id is not None
            or any(parameters.get(name) for name in ("query", *IDS))
            or "persistedQuery" in (self.extensions or ())
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Several requests in one; in the place of one that is not well-formed, why not."""

    requests: tuple[GraphQLRequest | RequestError, ...]


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What a request may be. compression: whether a body may be compressed. batch: requests in a batch, 0 for none."""

    max_body_bytes: int = MAX_BODY_BYTES
    max_query_bytes: int = MAX_QUERY_BYTES
    compression: bool = False
    batch: int = 0


class RequestReader:
    """Reads requests by ``rules``, and remembers what was well-formed."""

    def __init__(self, rules: RequestRules | None = None) -> None:
        self.rules = rules or RequestRules()
        self._gets: Remembered[GraphQLRequest] = Remembered(REMEMBERED_BYTES)
        self._posts: Remembered[GraphQLRequest | Batch] = Remembered(REMEMBERED_BYTES)

    async def read(
        self, scope: Scope, receive: Receive, path_id: str | None = None, headers: Headers | None = None
    ) -> GraphQLRequest | Batch:
        """Read one request. headers: ``headers_of(scope)``, where they are at hand.

        Raises ``RequestError`` for anything that is not a well-formed GraphQL request.
        """
        data = await self.data(scope, receive, headers_of(scope) if headers is None else headers)
        return self.parsed(scope, data, path_id)

    async def data(self, scope: Scope, receive: Receive, headers: Headers) -> bytes:
        """The bytes of a request's body, none of a GET. Raises ``RequestError`` for what is unread, ``ClientGone``."""
        method, query = scope["method"], scope["query_string"]
        if len(query) > self.rules.max_query_bytes:
            raise RequestError(
                414, "REQUEST_TOO_LARGE", f"the query string is larger than {self.rules.max_query_bytes} bytes"
            )
        if method == "POST":
            return await self.body(receive, headers)
        if method in {"GET", "HEAD"}:
            return b""
        raise RequestError(405, "METHOD_NOT_ALLOWED", f"use GET or POST, not {method[:100]}", ALLOWED)

    def parsed(self, scope: Scope, data: bytes, path_id: str | None = None) -> GraphQLRequest | Batch:
        """What the request says. data: its body. Raises ``RequestError`` for what is not well-formed."""
        query = scope["query_string"]
        if scope["method"] == "POST":
            key = (data, query, path_id) if query or path_id else data
            return self._posts.get(key) or self._posted(key, data, query, path_id)
        return self._gets.get((query, path_id)) or self._got(query, path_id)

    async def body(self, receive: Receive, headers: Headers) -> bytes:
        """The body, as its headers say that it is to be read."""
        content_type = headers.get(b"content-type", b"")
        if content_type != b"application/json":
            check_content_type(content_type)
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding in {b"", b"identity"}:
            return await body(receive, self.rules.max_body_bytes)
        if not self.rules.compression:
            raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", "send the body without a content encoding")
        return inflate(await body(receive, self.rules.max_body_bytes), encoding, self.rules.max_body_bytes)

    def _got(self, query: bytes, path_id: str | None) -> GraphQLRequest:
        request = request_of(query_parameters(query), path_id, by_get=True)
        if request.names_document and rememberable(query):
            self._gets.keep((query, path_id), request, OVERHEAD_BYTES + len(query) + len(path_id or ""))
        return request

    def _posted(self, key: object, data: bytes, query: bytes, path_id: str | None) -> GraphQLRequest | Batch:
        found = json_of(data, "the body")
        check_names(data)
        request: GraphQLRequest | Batch
        if isinstance(found, list) and self.rules.batch:
            request = self._batch(found)
        elif isinstance(found, dict):
            request = request_of(found | named_in_query_string(query, found), path_id)
        else:
            raise RequestError(400, "BAD_REQUEST", f"the body must be a JSON object, not {json_kind(found)}")
        held = request.requests if isinstance(request, Batch) else (request,)
        if rememberable(data) and all(isinstance(one, GraphQLRequest) and one.names_document for one in held):
            weight = OVERHEAD_BYTES * len(held) + len(data) + len(query) + len(path_id or "")
            self._posts.keep(key, request, weight)
        return request

    def _batch(self, found: list[Any]) -> Batch:
        if not 0 < len(found) <= self.rules.batch:
            raise RequestError(400, "BAD_REQUEST", f"a batch has 1 to {self.rules.batch} requests, not {len(found)}")
        return Batch(tuple(one_of(parameters) for parameters in found))


def one_of(parameters: Any) -> GraphQLRequest | RequestError:
    """One request of a batch."""
    if not isinstance(parameters, dict):
        return RequestError(400, "BAD_REQUEST", f"a request must be a JSON object, not {json_kind(parameters)}")
    try:
        return request_of(parameters, None)
    except RequestError as error:
        return error


def request_of(parameters: dict[str, Any], path_id: str | None, *, by_get: bool = False) -> GraphQLRequest:
    """The request with these parameters. Raises ``RequestError``."""
    check_kinds(parameters)
    variables, extensions = parameters.get("variables"), parameters.get("extensions")
    return GraphQLRequest(known(parameters), variables, parameters.get("operationName"), extensions, path_id, by_get)


def rememberable(data: bytes) -> bool:
    """Whether what these bytes say is small enough to be kept."""
    return len(data) <= REMEMBERED_EACH and data.count(b"{") + data.count(b"[") <= REMEMBERED_BRACKETS


@lru_cache(maxsize=64)
def check_content_type(content_type: bytes) -> None:
    """Raise ``RequestError`` (415) for anything but JSON in UTF-8."""
    media, *parameters = (part.strip() for part in content_type.decode("latin-1").lower().split(";"))
    if media != "application/json":
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", f"send application/json, not {media[:100] or 'nothing'!r}")
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.strip() == "charset" and value.strip() not in UTF8:
            raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", f"send JSON in utf-8, not in {value.strip()[:100]!r}")


async def body(receive: Receive, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body. Raises ``RequestError`` above the limit, ``ClientGone``."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        only: bytes = message.get("body", b"")
        if len(only) <= limit:
            return only
    parts, size = [], 0
    while message["type"] != "http.disconnect":
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        elif size > limit * DRAINED or not message.get("more_body"):
            parts.clear()
            closing = ((b"connection", b"close"),) if message.get("more_body") else ()
            raise RequestError(413, "REQUEST_TOO_LARGE", f"the body is larger than {limit} bytes", closing)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()
    raise ClientGone


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Every header by its name, in lower case; the values of one that came repeatedly are joined (RFC 9110, 5.3)."""
    headers = dict(scope["headers"])
    if len(headers) < len(scope["headers"]):
        headers = {}
        for name, value in scope["headers"]:
            headers[name] = headers[name] + SEPARATORS.get(name, b", ") + value if name in headers else value
    return headers


def header(scope: Scope, name: bytes) -> str:
    """A header's value, or empty text."""
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")
