"""Just enough HTTP for a simulated supplier: strong ETags, conditional GET, dated answers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ABORT = "larder.abort"
"""ASGI extension: a callable that resets the connection."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is published under one path. ``modified_at`` is aware."""

    body: bytes
    modified_at: datetime

    @property
    def etag(self) -> str:
        """The strong entity tag, quotes included."""
        return entity_tag(self.body)


def entity_tag(body: bytes) -> str:
    """The strong entity tag of ``body``, quotes included (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response but for its Content-Length."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def http_date(instant: datetime) -> str:
    """An aware instant as RFC 9110, section 5.6.7 writes it."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def json_answer(status: int, value: Any, **headers: str) -> Answer:
    """``value`` as a JSON answer."""
    return Answer(status, msgspec.json.encode(value), {"Content-Type": "application/json", **headers})


def document_answer(document: Document) -> Answer:
    """The document in full."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "ETag": document.etag,
        "Last-Modified": http_date(document.modified_at),
    }
    return Answer(HTTPStatus.OK, document.body, headers)


def if_none_match(answer: Answer, condition: str | None) -> Answer:
    """``answer``, or 304 when it has one of the tags that ``condition`` lists (RFC 9110, section 13.1.2)."""
    tag = answer.headers.get("ETag")
    if condition is None or tag is None or answer.status != HTTPStatus.OK:
        return answer
    tags = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    if not tags & {"*", tag}:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name in {"Date", "ETag", "Last-Modified"}}
    return Answer(HTTPStatus.NOT_MODIFIED, b"", kept)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, read in full, and the means to answer it."""

    method: str
    path: str
    query: dict[str, str]
    """Of a name that is repeated, the last value."""
    target: str
    """Path and query as they were sent."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    date: datetime
    """What the Date header says."""
    receive: Receive
    send: Send
    abort: Callable[[], None]

    @classmethod
    async def read(cls, scope: Scope, receive: Receive, send: Send, date: datetime) -> Exchange:
        """Read the request behind an ASGI call."""
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = scope["query_string"].decode("latin-1")
        return cls(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(asked, keep_blank_values=True)),
            target=f"{scope['path']}?{asked}" if asked else scope["path"],
            headers=headers,
            body=body,
            date=date,
            receive=receive,
            send=send,
            abort=scope["extensions"][ABORT],
        )

    async def answer(self, answer: Answer) -> None:
        """Send ``answer`` in full."""
        await self.start(answer)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def start(self, answer: Answer) -> None:
        """Send the head of ``answer``, promising all of its body."""
        headers = {"Date": http_date(self.date), **answer.headers}
        if answer.status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(answer.body))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": answer.status, "headers": raw})

    async def gone(self, within_seconds: float | None = None) -> bool:
        """True once the client has left; False when it is still there after ``within_seconds``."""
        try:
            async with asyncio.timeout(within_seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True
