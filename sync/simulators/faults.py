"""The ways in which a simulated supplier can misbehave.

Set with ``POST /_simulator/fault {"mode", "path", "count", …}``, cleared with ``DELETE /_simulator/fault``. A fault
meets the requests whose path matches the glob ``path`` (default: all), ``count`` times (default: until cleared). Of
several faults that match, the one set last acts. Faults come before conditional GET: a faulty answer is never a 304,
but for ``replace``.

===============  =====================================================================================================
mode             what the client meets
===============  =====================================================================================================
``hang``         the request is taken, nothing is ever answered
``drip``         the right answer, one byte every ``seconds`` (default 0.1)
``reset``        the right head and half of the body, then a TCP reset
``truncate``     half of the body under 200 with the whole document's ETag; Content-Length agrees with what is sent
``html``         an HTML page under 200
``garbage``      bytes that are neither JSON nor UTF-8, under 200, called JSON
``status:N``     status N (400 to 599) with a JSON body; with ``retry_after`` (seconds; 1 for 429) as Retry-After
``replace``      ``body`` under 200 instead of the document: a string is sent as it is, any other JSON value as written.
                 It has an ETag of its own and honours If-None-Match
===============  =====================================================================================================
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from fnmatch import fnmatchcase
from http import HTTPStatus

import msgspec

from sync.simulators.http import Answer, Document, Exchange, document_answer, if_none_match, json_answer

HTML = b"<!doctype html><title>Wartung</title><h1>Wir sind gleich wieder da</h1>\n"


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way to misbehave, as in the request that sets it. ``count`` is how often it still acts; None: always."""

    mode: str
    path: str = "*"
    count: int | None = None
    seconds: float = 0.1
    retry_after: int | None = None
    body: msgspec.Raw = msgspec.Raw()

    def __post_init__(self) -> None:
        kind, _, status = self.mode.partition(":")
        if kind not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.mode!r}")
        if kind == "status" and (not status.isdecimal() or status not in map(str, range(400, 600))):
            raise ValueError(f"status must be 400 to 599, not {status!r}")
        if kind == "replace" and not bytes(self.body):
            raise ValueError("replace needs a body")


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._set: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._set.insert(0, fault)

    def clear(self) -> None:
        self._set.clear()

    def listed(self) -> list[dict[str, str | int | None]]:
        """The faults that still act, the first to act first."""
        return [{"mode": fault.mode, "path": fault.path, "count": fault.count} for fault in self._set]

    def meet(self, path: str) -> Fault | None:
        """The fault that acts on this request, counted."""
        for fault in self._set:
            if fnmatchcase(path, fault.path):
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._set.remove(fault)
                return fault
        return None


async def hang(exchange: Exchange, _fault: Fault, _right: Answer) -> None:
    await exchange.gone()


async def drip(exchange: Exchange, fault: Fault, right: Answer) -> None:
    await exchange.start(right)
    for at in range(len(right.body)):
        await exchange.send({"type": "http.response.body", "body": right.body[at : at + 1], "more_body": True})
        if await exchange.gone(fault.seconds):
            return
    await exchange.send({"type": "http.response.body", "body": b""})


async def reset(exchange: Exchange, _fault: Fault, right: Answer) -> None:
    await exchange.start(right)
    half = right.body[: len(right.body) // 2]
    await exchange.send({"type": "http.response.body", "body": half, "more_body": True})
    exchange.abort()
    await exchange.gone()


async def truncate(exchange: Exchange, _fault: Fault, right: Answer) -> None:
    await exchange.answer(Answer(200, right.body[: len(right.body) // 2], right.headers))


async def html(exchange: Exchange, _fault: Fault, _right: Answer) -> None:
    await exchange.answer(Answer(200, HTML, {"Content-Type": "text/html; charset=utf-8"}))


async def garbage(exchange: Exchange, _fault: Fault, _right: Answer) -> None:
    noise = b"\xff" + random.Random(exchange.path).randbytes(511)  # noqa: S311 - noise, not a secret
    await exchange.answer(Answer(200, noise, {"Content-Type": "application/json"}))


async def status(exchange: Exchange, fault: Fault, _right: Answer) -> None:
    code = int(fault.mode.partition(":")[2])
    wait_seconds = 1 if fault.retry_after is None and code == HTTPStatus.TOO_MANY_REQUESTS else fault.retry_after
    headers = {} if wait_seconds is None else {"Retry-After": str(wait_seconds)}
    await exchange.answer(json_answer(code, {"error": fault.mode}, **headers))


async def replace(exchange: Exchange, fault: Fault, _right: Answer) -> None:
    raw = bytes(fault.body)
    body = msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw
    answer = document_answer(Document(body, exchange.date))
    await exchange.answer(if_none_match(answer, exchange.headers.get("if-none-match")))


MODES: Mapping[str, Callable[[Exchange, Fault, Answer], Awaitable[None]]] = {
    "hang": hang,
    "drip": drip,
    "reset": reset,
    "truncate": truncate,
    "html": html,
    "garbage": garbage,
    "status": status,
    "replace": replace,
}


async def misbehave(exchange: Exchange, fault: Fault, right: Answer) -> None:
    """Answer as ``fault`` says; ``right`` is what a healthy supplier would have answered."""
    await MODES[fault.mode.partition(":")[0]](exchange, fault, right)
