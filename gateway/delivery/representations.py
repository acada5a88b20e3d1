"""An answer's body as it is sent: by media type and encoding, each made once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass

from gateway.delivery.compression import IDENTITY, LEAST_BYTES, compressed

Header = tuple[bytes, bytes]

ETAG_BYTES = 16
MEDIA_SUFFIX = {"application/json": "", "application/graphql-response+json": "-g"}
"""What tells the entity tags of one body in two media types apart: strong tags differ (RFC 9110, section 8.8.1)."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is sent."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


@dataclass(slots=True, eq=False)
class Representation:
    """Bytes to send. content: headers that describe them. caching: ETag and more, of answers to GET.

    posted, got: the last answers to POST and to GET, which most often are the next ones, too; ``got`` with what was
    said to caches in it.
    """

    body: bytes
    encoding: str
    etag: str
    content: tuple[Header, ...]
    caching: tuple[Header, ...]
    posted: Response | None = None
    got: tuple[tuple[Header, ...], Response] | None = None


class Representations:
    """One body in every way in which it was asked for.

    caching: the headers that an answer to GET has beside its ETag. weight: bytes held by now.
    """

    __slots__ = ("_digest", "_encoded", "_made", "_making", "body", "caching", "weight")

    def __init__(self, body: bytes, caching: tuple[Header, ...] = ()) -> None:
        self.body = body
        self.caching = caching
        self.weight = len(body)
        self._digest: str | None = None
        self._encoded: dict[str, tuple[str, bytes]] = {IDENTITY: (IDENTITY, body)}
        self._made: dict[tuple[str, str], Representation] = {}
        self._making: dict[str, asyncio.Future[tuple[str, bytes]]] = {}

    def ready(self, media_type: str, encoding: str) -> Representation | None:
        """The representation, None where it has to be made first."""
        return self._made.get((media_type, encoding))

    async def made(self, media_type: str, encoding: str) -> Representation:
        """The representation; for a body that is not worth it, the one without encoding."""
        found = self._made.get((media_type, encoding))
        if found is None:
            actual, body = await self._in(encoding)
            found = self._made[media_type, encoding] = self._represent(media_type, actual, body)
        return found

    async def _in(self, encoding: str) -> tuple[str, bytes]:
        if found := self._encoded.get(encoding):
            return found
        if len(self.body) < LEAST_BYTES:
            return IDENTITY, self.body
        # Whoever waits is cancelled alone: the work goes on for the others.
        if encoding not in self._making:
            self._making[encoding] = asyncio.ensure_future(self._encode(encoding))
        return await asyncio.shield(self._making[encoding])

    async def _encode(self, encoding: str) -> tuple[str, bytes]:
        try:
            actual, body = await compressed(self.body, encoding, kept=True)
        finally:
            del self._making[encoding]
        self._encoded[encoding] = actual, body
        self.weight += len(body) if actual else 0
        return actual, body

    def _represent(self, media_type: str, encoding: str, body: bytes) -> Representation:
        if self._digest is None:
            digest = hashlib.sha256(self.body).digest()[:ETAG_BYTES]
            self._digest = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        suffix = f"-{encoding}" if encoding else ""
        etag = f'"{self._digest}{MEDIA_SUFFIX[media_type]}{suffix}"'
        return Representation(
            body, encoding, etag, described(body, media_type, encoding), ((b"etag", etag.encode()), *self.caching)
        )


def described(body: bytes, media_type: str, encoding: str) -> tuple[Header, ...]:
    """The headers that say what ``body`` is."""
    return (
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", b"%d" % len(body)),
        *([(b"content-encoding", encoding.encode())] if encoding else []),
    )
