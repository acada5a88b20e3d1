"""A supplier's documents over HTTP: conditional, bounded in time, size and number at once.

Conditional GET and entity tags: RFC 9110, sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx2

from sync.errors import DocumentRefused, SettingsError
from sync.settings import SourceSettings

ANSWERS = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
WORTH_A_RETRY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    *(status for status in HTTPStatus if status >= HTTPStatus.INTERNAL_SERVER_ERROR),
}
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 0.1, 1.0
STATUS_RULE = "the status must be 200, 304 or 404"
VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pull may take. Times are seconds from the first request of a document, or of the pull."""

    concurrency: int = 8
    request_seconds: float = 10
    total_seconds: float = 120
    body_bytes: int = 8 * 2**20
    attempts: int = 3

    @classmethod
    def read(cls, place: str, options: Mapping[str, Any]) -> Self:
        """The limits that a source declares. Raises ``SettingsError`` for one that is unknown or not positive."""
        for name, value in options.items():
            if name not in cls.__slots__:
                raise SettingsError(place, f"may hold only {', '.join(cls.__slots__)}", name)
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise SettingsError(f"{place}.{name}", "must be a number above 0", value)
        return cls(**options)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document to ask for. ``path`` is relative to the source's address and may have a query.

    ``etag`` or ``modified`` (Last-Modified, as the supplier wrote it) are those of the version already had. ``content``
    is the body of a POST, in JSON.
    """

    path: str
    etag: str | None = None
    modified: str | None = None
    method: str = "GET"
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """An answer. ``body`` is None when the supplier has no such document, or none newer than the one asked about."""

    path: str
    body: bytes | None
    unchanged: bool
    etag: str | None
    told_at: datetime | None
    """The supplier's clock (UTC), None when it told none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


class _Unavailable(Exception):
    """A status that a second attempt may better."""


def limits_of(settings: SourceSettings) -> Limits:
    """The limits of a source. Raises ``SettingsError``."""
    return Limits.read(f"sources.{settings.name}.limits", settings.limits)


@dataclass(frozen=True, slots=True)
class Push:
    """What the supplier sent by itself and no published run has read yet."""

    event_id: str
    body: bytes
    received_at: datetime


class Documents:
    """Asks one supplier. An async context manager; raises and yields ``DocumentRefused`` that names rule and value.

    ``pushed``: what the supplier sent by itself, oldest first; a run that publishes is done with all of it.
    """

    def __init__(self, url: str, limits: Limits, pushed: Sequence[Push] = ()) -> None:
        self.url = url
        self.pushed = pushed
        self.limits = limits
        self.deadline = asyncio.get_running_loop().time() + limits.total_seconds
        pool = httpx2.Limits(max_connections=limits.concurrency, max_keepalive_connections=limits.concurrency)
        self.client = httpx2.AsyncClient(limits=pool, timeout=None, follow_redirects=False)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def get(self, wanted: Wanted) -> Document:
        """The answer for one document. Failures of transport and of the supplier's server are tried again."""
        seconds = min(self.limits.request_seconds, self.deadline - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(seconds):
                return await self._ask_again(wanted)
        except TimeoutError as exc:
            raise DocumentRefused("the answer must come in time", f"none within {max(seconds, 0):.1f} s") from exc
        except _Unavailable as exc:
            raise DocumentRefused(STATUS_RULE, exc) from exc
        except httpx2.HTTPError as exc:
            reason = " ".join(f"{type(exc).__name__} {exc}".split())[:VALUE_LENGTH]
            raise DocumentRefused("the answer must be whole", reason) from exc

    async def _ask_again(self, wanted: Wanted) -> Document:
        """Ask until answered, with full jitter in between (M. Brooker, "Exponential Backoff And Jitter")."""
        for attempt in range(1, self.limits.attempts):
            try:
                return await self._ask(wanted)
            except (_Unavailable, httpx2.TransportError):
                longest = min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2**attempt)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - spreads load, guards nothing
        return await self._ask(wanted)

    async def _ask(self, wanted: Wanted) -> Document:
        headers = dict(wanted.headers)
        if wanted.etag:
            headers["If-None-Match"] = wanted.etag
        if wanted.modified:
            headers["If-Modified-Since"] = wanted.modified
        if wanted.content is not None:
            headers["Content-Type"] = "application/json"
        address = f"{self.url}/{wanted.path}"
        async with self.client.stream(wanted.method, address, headers=headers, content=wanted.content) as response:
            if response.status_code in WORTH_A_RETRY:
                raise _Unavailable(response.status_code)
            if response.status_code not in ANSWERS:
                raise DocumentRefused(STATUS_RULE, response.status_code)
            return Document(
                path=wanted.path,
                body=await self._body(response) if response.status_code == HTTPStatus.OK else None,
                unchanged=response.status_code == HTTPStatus.NOT_MODIFIED,
                etag=response.headers.get("ETag"),
                told_at=clock(response.headers.get("Date")),
                headers={name.lower(): value for name, value in response.headers.items()},
            )

    async def _body(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.limits.body_bytes:
                raise DocumentRefused(f"a document must have at most {self.limits.body_bytes} bytes", "more")
        return bytes(body)

    async def many(self, wanted: Iterable[Wanted]) -> AsyncGenerator[tuple[Wanted, Document | DocumentRefused], None]:
        """The answers as they come. At most ``concurrency`` are under way or wait for the caller."""
        waiting = deque(wanted)
        asked: dict[asyncio.Task[Document], Wanted] = {}
        try:
            while waiting or asked:
                while waiting and len(asked) < self.limits.concurrency:
                    one = waiting.popleft()
                    asked[asyncio.create_task(self.get(one))] = one
                done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield asked.pop(task), outcome(task)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)


def outcome(task: asyncio.Task[Document]) -> Document | DocumentRefused:
    """What a finished request came to."""
    try:
        return task.result()
    except DocumentRefused as exc:
        return exc


def clock(date: str | None) -> datetime | None:
    """An HTTP Date as an aware instant, None when absent or unreadable."""
    if date is None:
        return None
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
