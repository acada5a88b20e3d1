"""GraphQL over HTTP: how an answer is sent (https://graphql.github.io/graphql-over-http/draft/#sec-Response)."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from gateway.endpoint.errors import RequestError
from loaders.stamps import Stamp

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
RANGES: dict[str, tuple[tuple[str, int], ...]] = {
    GRAPHQL_JSON: ((GRAPHQL_JSON, 3),),
    JSON: ((JSON, 3),),
    "application/*": ((GRAPHQL_JSON, 2), (JSON, 2)),
    "*/*": ((JSON, 1), (GRAPHQL_JSON, 1)),
}
"""What of ours a media range admits, ours that it means first, with how specific it is."""

QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)
LONGEST_REMEMBERED = 512
LONGEST_READ = 4096
"""Characters of an Accept that are looked at: every entry costs a microsecond, and no client sends as many."""

PARTIAL_SUCCESS = 294
DRAFT_STATUSES = {"GRAPHQL_VALIDATION_FAILED": 422, "BAD_VARIABLES": 422, "OPERATION_RESOLUTION_FAILURE": 422}
"""Statuses that the newest draft recommends in place of 400, by code."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response: its payload, or the bytes of it, and whether execution was reached.

    stamp: what it was true under; None for one that must not be kept.
    """

    payload: dict[str, Any] | bytes
    executed: bool
    stamp: Stamp | None = None


def extended(answer: Answer, **told: Any) -> Answer:
    """The answer with more in its ``extensions``."""
    payload = parsed(answer)
    return Answer({**payload, "extensions": {**payload.get("extensions", {}), **told}}, executed=True)


def parsed(answer: Answer) -> dict[str, Any]:
    """The payload, also of an answer that is bytes already."""
    payload: dict[str, Any] = orjson.loads(answer.payload) if isinstance(answer.payload, bytes) else answer.payload
    return payload


def negotiate(accept: str) -> str:
    """The media type to answer in: the first of ours that the client accepts best. Raises ``RequestError`` (406).

    Each of ours has the quality of the most specific range that names it (RFC 9110, section 12.5.1).
    """
    return JSON if not accept else _negotiated(accept) if len(accept) <= LONGEST_REMEMBERED else _negotiate(accept)


def _negotiate(accept: str) -> str:
    if not accept.strip():
        return JSON
    best: dict[str, tuple[int, float]] = {}
    for part in accept[:LONGEST_READ].split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = quality_of(parameters)
        for offer, specificity in RANGES.get(media, ()):
            # Of equals the first counts, and what is named first comes first in the end.
            if quality is not None and specificity > best.get(offer, (0, 0.0))[0]:
                best[offer] = specificity, quality
    if not any(quality for _, quality in best.values()):
        raise RequestError(406, "NOT_ACCEPTABLE", f"accept {GRAPHQL_JSON} or {JSON}, not {accept[:200]!r}")
    return max(best, key=lambda offer: best[offer][1])


_negotiated = lru_cache(maxsize=256)(_negotiate)


def quality_of(parameters: list[str]) -> float | None:
    """The q of an Accept entry, 1 if it has none. None: the entry does not speak of what we send, which is UTF-8."""
    quality = "1"
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.rstrip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            return None
        if name.rstrip() == "q":
            quality = value.strip()
    return float(quality) if QUALITY.fullmatch(quality) else None


def status_of(answer: Answer, media_type: str, *, draft: bool = False) -> int:
    """200 once executed; before that 400 in the GraphQL media type and 200 in plain JSON.

    draft: in the GraphQL media type, tell a partial success and what is wrong with a document by statuses of their own.
    """
    if media_type == JSON or (answer.executed and not draft):
        return 200
    if not draft:
        return 400
    errors = answer.payload.get("errors") if isinstance(answer.payload, dict) else None
    if answer.executed:
        return PARTIAL_SUCCESS if errors else 200
    return DRAFT_STATUSES.get(errors[0]["extensions"]["code"], 400) if errors else 400


def refusal_status(error: RequestError, media_type: str, *, draft: bool = False) -> int:
    """The status of a refusal. draft: as for ``status_of``."""
    if draft and media_type == GRAPHQL_JSON and error.status == 400:  # noqa: PLR2004 - HTTP
        return DRAFT_STATUSES.get(error.code, error.status)
    return error.status


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
