"""A supplier of JSON over real HTTP that pages in every way, and misbehaves where a test tells it to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync.simulators.http import Answer, Document, Exchange, Receive, Scope, Send, document_answer, if_none_match
from sync.simulators.server import running

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
Handler = Callable[[Exchange], Any]


@dataclass
class Shop:
    """``documents``: path to JSON, to bytes, to an ``Answer``, or to a function of the request that makes one."""

    url: str = ""
    documents: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, NOW)
        sent = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        self.asked.append(sent.decode().removeprefix("/"))
        self.headers.append(exchange.headers)
        if exchange.body:
            self.bodies.append(json.loads(exchange.body))
        found = self.documents.get(exchange.path.removeprefix("/"), Answer(404, b"{}"))
        answer = answered(found(exchange) if callable(found) else found)
        await exchange.answer(if_none_match(answer, exchange.headers.get("if-none-match")))

    def pages(self, path: str, items: list[Any], size: int = 2) -> None:
        """Serve ``items`` under ``path`` in all ways of paging at once."""

        def page(exchange: Exchange) -> Answer:
            asked = {**exchange.query, **(json.loads(exchange.body) if exchange.body else {})}
            start = int(asked.get("cursor") or asked.get("offset") or (int(asked.get("page", 1)) - 1) * size)
            after = start + size
            more = after < len(items)
            address = f"{self.url}/{path}?offset={after}"
            content = {
                "data": items[start:after],
                "cursor": str(after) if more else None,
                "links": {"next": address if more else None},
                "last": not more,
                "total": len(items),
            }
            link = {"Link": f'<{self.url}/{path}?offset=0>; rel="first", <{address}>; rel="next"'} if more else {}
            return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json", **link})

        self.documents[path] = page


def answered(found: Any) -> Answer:
    if isinstance(found, Answer):
        return found
    body = found if isinstance(found, bytes) else json.dumps(found).encode()
    return document_answer(Document(body, NOW))


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    shop = Shop()
    async with running(shop) as shop.url:
        yield shop
