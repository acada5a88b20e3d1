"""GraphQL over HTTP: how an answer is sent (https://graphql.github.io/graphql-over-http/draft/#sec-Response)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.endpoint.errors import RequestError

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response: its payload, or the bytes of it, and whether execution was reached."""

    payload: dict[str, Any] | bytes
    executed: bool


def negotiate(accept: str) -> str:
    """The media type to answer in: the first of ours that the client accepts best. Raises ``RequestError`` (406)."""
    if not accept.strip():
        return JSON
    best, best_quality = "", 0.0
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = quality_of(parameters)
        offer = {GRAPHQL_JSON: GRAPHQL_JSON, JSON: JSON, "application/*": GRAPHQL_JSON, "*/*": JSON}.get(media)
        if offer and quality > best_quality:
            best, best_quality = offer, quality
    if not best:
        raise RequestError(406, "NOT_ACCEPTABLE", f"accept {GRAPHQL_JSON} or {JSON}, not {accept[:200]!r}")
    return best


def quality_of(parameters: list[str]) -> float:
    """The q of an Accept entry, 1 if it has none, 0 if it is not a number."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def status_of(answer: Answer, media_type: str) -> int:
    """200 once executed; before that 400 in the GraphQL media type and 200 in plain JSON."""
    return 200 if answer.executed or media_type == JSON else 400


def encode(payload: Any) -> bytes:
    """The payload as compact JSON, of which integers may have any length."""
    try:
        return orjson.dumps(payload)
    except TypeError:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def send_json(
    send: Send, status: int, payload: Any, media_type: str = JSON, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send one JSON body; ``payload`` may be its bytes already."""
    body = payload if isinstance(payload, bytes) else encode(payload)
    if all(name != b"cache-control" for name, _ in headers):
        headers = ((b"cache-control", b"no-store"), *headers)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", f"{media_type}; charset=utf-8".encode()),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
