"""The parameters of a request, out of a query string or a JSON body (GraphQL over HTTP, "Request Parameters")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from gateway.endpoint.errors import RequestError

DEEPEST = 100
"""Objects and arrays that may be nested in one another: what walks them afterwards does so by recursion."""

MAX_FIELDS = 32
"""Parameters of a query string."""

KINDS: dict[str, type] = {"query": str, "operationName": str, "variables": dict, "extensions": dict}
JSON_IN_QUERY = ("variables", "extensions")
IDS = ("documentId", "doc_id", "id")
"""Parameters that name a registered document."""

KNOWN = (*KINDS, *IDS)
_QUOTED = [f'"{name}"'.encode() for name in KNOWN]


def query_parameters(query_string: bytes) -> dict[str, Any]:
    """The parameters of a query string, each at most once; ``variables`` and ``extensions`` are JSON."""
    try:
        pairs = parse_qs(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise RequestError(400, "BAD_REQUEST", "the query string is not well-formed UTF-8 form data") from error
    parameters: dict[str, Any] = {}
    for name, values in pairs.items():
        if len(values) > 1:
            raise RequestError(400, "BAD_REQUEST", f"{name[:100]} is given {len(values)} times")
        if values[0]:
            parameters[name] = json_of(values[0].encode(), name) if name in JSON_IN_QUERY else values[0]
    return parameters


def json_of(data: bytes, name: str) -> Any:
    """What JSON says. name: of the place, for the message. Raises ``RequestError``."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "BAD_REQUEST", f"{name} is not JSON: {error}") from error
    check_depth(data, value, name)
    return value


def check_depth(data: bytes, value: Any, name: str) -> None:
    """Raise ``RequestError`` for values nested deeper than ``DEEPEST``."""
    # What opens fewer than that many brackets nests less; few requests open more.
    if data.count(b"{") + data.count(b"[") <= DEEPEST:
        return
    level, depth = [value], 0
    while level:
        if depth >= DEEPEST:
            raise RequestError(400, "BAD_REQUEST", f"{name} is nested deeper than {DEEPEST} levels")
        depth += 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]


def check_names(data: bytes) -> None:
    """Raise ``RequestError`` for an object at the top of a body, or in a batch, that has a parameter twice.

    JSON leaves open which of them counts (RFC 8259, section 4), so whoever checks requests on the way might read
    another one than we do.
    """
    # An escaped name cannot be counted.
    if b"\\u" not in data and all(data.count(name) < 2 for name in _QUOTED):  # noqa: PLR2004 - the second is one too many
        return
    found = json.loads(data.decode(), object_pairs_hook=tuple, parse_int=str, parse_float=str)
    for pairs in found if isinstance(found, list) else [found]:
        names = [name for name, _ in pairs] if isinstance(pairs, tuple) else []
        for name in names:
            if names.count(name) > 1:
                raise RequestError(400, "BAD_REQUEST", f"{name[:100]} is given {names.count(name)} times")


def named_in_query_string(query_string: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The ``documentId`` of a POST's query string; all else there is ignored."""
    if b"documentId=" not in query_string:
        return {}
    document_id = query_parameters(query_string).get("documentId")
    if document_id is None:
        return {}
    if parameters.get("documentId") not in (None, document_id):
        raise RequestError(400, "BAD_REQUEST", "documentId in the query string is not that of the body")
    return {"documentId": document_id}


def known(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without those that no protocol has, which are ignored and of any size."""
    return {name: parameters[name] for name in KNOWN if name in parameters}


def check_kinds(parameters: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for a parameter of another type than it has; unknown ones are ignored."""
    for name, kind in KINDS.items():
        value = parameters.get(name)
        if value is not None and not isinstance(value, kind):
            wanted = "text" if kind is str else "a JSON object"
            raise RequestError(400, "BAD_REQUEST", f"{name} must be {wanted}, not {json_kind(value)}")


def json_kind(value: object) -> str:
    """What a JSON value is, in JSON's words."""
    kinds = {dict: "an object", list: "an array", str: "text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
