"""The ways in which a simulated supplier can misbehave.

Set with ``POST /_simulator/fault {"mode", "path", "count", …}``, cleared with ``DELETE /_simulator/fault``. A fault
meets the requests whose path, or path and query, matches the glob ``path`` (default: all), ``count`` times (default:
until cleared), once ``after`` of them (default: 0) have passed. Of several faults that match, the one set last acts.
Faults come before conditional GET: a faulty answer is never a 304, but for ``replace`` and for faults of content, which
have an ETag of their own.

================  ====================================================================================================
mode              what the client meets
================  ====================================================================================================
``hang``          the request is taken, nothing is ever answered
``hang-headers``  the right head, then nothing
``late``          the right answer, after ``seconds``
``drip``          the right answer, one byte every ``seconds`` (default 0.1)
``reset``         the right head and half of the body, then a TCP reset
``truncate``      half of the body under 200 with the whole document's ETag; Content-Length agrees with what is sent
``html``          an HTML page under 200
``garbage``       bytes that are neither JSON nor UTF-8, under 200, called JSON
``utf-16``        the right document in UTF-16, called UTF-8
``bom``           the right document behind a byte order mark
``bad-gzip``      the right document, called gzip, which it is not
``gzip-bomb``     some 100 KB of gzip that are ``size`` bytes of JSON (default 64 MiB)
``huge``          a JSON document of ``size`` bytes (default 64 MiB) that no Content-Length announces
``status:N``      status N (400 to 599) with a JSON body; with ``retry_after`` (seconds; 1 for 429) as Retry-After,
                  which is an HTTP date if ``dated``
``redirect``      302 to ``to`` (default: to itself, a loop)
``replace``       ``body`` under 200 instead of the document: a string is sent as it is, any other JSON value as written
================  ====================================================================================================

Faults of content: ``sync.simulators.mutations``.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from http import HTTPStatus

import msgspec

from sync.simulators.http import Answer, Document, Exchange, document_answer, http_date, if_none_match, json_answer
from sync.simulators.mutations import MUTATIONS, Right, asked, mutated

HTML = b"<!doctype html><title>Wartung</title><h1>Wir sind gleich wieder da</h1>\n"
JSON_TYPE = "application/json; charset=utf-8"
BLANKS = b" " * 2**16


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way to misbehave, as in the request that sets it.

    ``count`` is how often it still acts; None: always. ``after`` is how many requests it still lets pass.
    """

    mode: str
    path: str = "*"
    after: int = 0
    count: int | None = None
    seconds: float = 0.1
    retry_after: int | None = None
    dated: bool = False
    size: int = 2**26
    to: str | None = None
    every: int = 1
    body: msgspec.Raw = msgspec.Raw()

    def __post_init__(self) -> None:
        kind, _, status = self.mode.partition(":")
        if kind not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.mode!r}")
        if kind == "status" and (not status.isdecimal() or status not in map(str, range(400, 600))):
            raise ValueError(f"status must be 400 to 599, not {status!r}")
        if kind == "replace" and not bytes(self.body):
            raise ValueError("replace needs a body")
        if self.every < 1:
            raise ValueError(f"every must be at least 1, not {self.every}")


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

    def meet(self, path: str, target: str) -> Fault | None:
        """The fault that acts on a request for ``path``, with its query ``target``; counted."""
        for fault in self._set:
            if fnmatchcase(path, fault.path) or fnmatchcase(target, fault.path):
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._set.remove(fault)
                return fault
        return None


async def hang(right: Right, _fault: Fault, _answer: Answer) -> None:
    await right.exchange.gone()


async def hang_headers(right: Right, _fault: Fault, answer: Answer) -> None:
    await right.exchange.start(answer)
    await right.exchange.send({"type": "http.response.body", "body": b"", "more_body": True})
    await right.exchange.gone()


async def late(right: Right, fault: Fault, answer: Answer) -> None:
    if not await right.exchange.gone(fault.seconds):
        await conditional(right.exchange, answer)


async def drip(right: Right, fault: Fault, answer: Answer) -> None:
    exchange = right.exchange
    await exchange.start(answer)
    for at in range(len(answer.body)):
        await exchange.send({"type": "http.response.body", "body": answer.body[at : at + 1], "more_body": True})
        if await exchange.gone(fault.seconds):
            return
    await exchange.send({"type": "http.response.body", "body": b""})


async def reset(right: Right, _fault: Fault, answer: Answer) -> None:
    exchange = right.exchange
    await exchange.start(answer)
    half = answer.body[: len(answer.body) // 2]
    await exchange.send({"type": "http.response.body", "body": half, "more_body": True})
    exchange.abort()
    await exchange.gone()


async def truncate(right: Right, _fault: Fault, answer: Answer) -> None:
    await right.exchange.answer(Answer(200, answer.body[: len(answer.body) // 2], answer.headers))


async def html(right: Right, _fault: Fault, _answer: Answer) -> None:
    await right.exchange.answer(Answer(200, HTML, {"Content-Type": "text/html; charset=utf-8"}))


async def garbage(right: Right, _fault: Fault, _answer: Answer) -> None:
    noise = b"\xff" + random.Random(right.exchange.path).randbytes(511)  # noqa: S311 - noise, not a secret
    await right.exchange.answer(Answer(200, noise, {"Content-Type": "application/json"}))


async def utf_16(right: Right, _fault: Fault, answer: Answer) -> None:
    body = answer.body.decode().encode("utf-16")
    await right.exchange.answer(Answer(answer.status, body, {"Content-Type": JSON_TYPE}))


async def bom(right: Right, _fault: Fault, answer: Answer) -> None:
    await right.exchange.answer(Answer(answer.status, b"\xef\xbb\xbf" + answer.body, {"Content-Type": JSON_TYPE}))


async def bad_gzip(right: Right, _fault: Fault, answer: Answer) -> None:
    headers = {"Content-Type": JSON_TYPE, "Content-Encoding": "gzip"}
    await right.exchange.answer(Answer(answer.status, answer.body, headers))


async def gzip_bomb(right: Right, fault: Fault, _answer: Answer) -> None:
    headers = {"Content-Type": JSON_TYPE, "Content-Encoding": "gzip"}
    await right.exchange.answer(Answer(200, bomb(fault.size), headers))


@lru_cache(maxsize=1)
def bomb(size: int) -> bytes:
    """An empty list behind so many blanks, in gzip."""
    return gzip.compress(b" " * size + b"[]", compresslevel=6)


async def huge(right: Right, fault: Fault, _answer: Answer) -> None:
    exchange = right.exchange
    head = [(b"content-type", JSON_TYPE.encode()), (b"date", http_date(exchange.date).encode())]
    await exchange.send({"type": "http.response.start", "status": 200, "headers": head})
    for sent in range(0, fault.size, len(BLANKS)):
        blanks = BLANKS[: fault.size - sent]
        await exchange.send({"type": "http.response.body", "body": blanks, "more_body": True})
        if await exchange.gone(0):
            return
    await exchange.send({"type": "http.response.body", "body": b"[]"})


async def status(right: Right, fault: Fault, _answer: Answer) -> None:
    code = int(fault.mode.partition(":")[2])
    wait_seconds = 1 if fault.retry_after is None and code == HTTPStatus.TOO_MANY_REQUESTS else fault.retry_after
    headers = {}
    if wait_seconds is not None:
        at = right.exchange.date + timedelta(seconds=wait_seconds)
        headers["Retry-After"] = http_date(at) if fault.dated else str(wait_seconds)
    await right.exchange.answer(json_answer(code, {"error": fault.mode}, **headers))


async def redirect(right: Right, fault: Fault, _answer: Answer) -> None:
    await right.exchange.answer(json_answer(302, {}, Location=fault.to or right.exchange.target))


async def replace(right: Right, fault: Fault, _answer: Answer) -> None:
    raw = bytes(fault.body)
    body = msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw
    await conditional(right.exchange, document_answer(Document(body, right.exchange.date)))


async def content(mode: str, right: Right, _fault: Fault, answer: Answer) -> None:
    await conditional(right.exchange, mutated(mode, right, answer))


async def conditional(exchange: Exchange, answer: Answer) -> None:
    await exchange.answer(if_none_match(answer, exchange.headers.get("if-none-match")))


MODES: Mapping[str, Callable[[Right, Fault, Answer], Awaitable[None]]] = {
    "hang": hang,
    "hang-headers": hang_headers,
    "late": late,
    "drip": drip,
    "reset": reset,
    "truncate": truncate,
    "html": html,
    "garbage": garbage,
    "utf-16": utf_16,
    "bom": bom,
    "bad-gzip": bad_gzip,
    "gzip-bomb": gzip_bomb,
    "huge": huge,
    "status": status,
    "redirect": redirect,
    "replace": replace,
    **{mode: partial(content, mode) for mode in MUTATIONS},
}


async def misbehave(right: Right, fault: Fault) -> None:
    """Answer as ``fault`` says."""
    answer = right.ask(asked(fault.mode, right))
    await MODES[fault.mode.partition(":")[0]](right, fault, answer)
