"""Compression of answers, and which encoding a client wants (RFC 9110, section 12.5.3)."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import brotli  # type: ignore[import-untyped]
import zstandard

IDENTITY = ""
"""The encoding of a body that is sent as it is."""

LEAST_BYTES = 1024
"""A smaller body fits into one packet either way."""

LOOP_BYTES = 64 * 1024
"""The largest body that is compressed on the event loop: at most 0.6 ms, measured."""

LONGEST_HEADER = 256
REMEMBERED_HEADERS = 1024
GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding. kept: for what is sent many times. once: for what is sent one time."""

    kept: Callable[[bytes], bytes]
    once: Callable[[bytes], bytes]


def gzip(level: int) -> Callable[[bytes], bytes]:
    def compress(body: bytes) -> bytes:
        compressor = zlib.compressobj(level, zlib.DEFLATED, GZIP_WINDOW)
        return compressor.compress(body) + compressor.flush()

    return compress


def br(quality: int) -> Callable[[bytes], bytes]:
    def compress(body: bytes) -> bytes:
        made: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality)
        return made

    return compress


def zstd(level: int) -> Callable[[bytes], bytes]:
    return lambda body: zstandard.ZstdCompressor(level=level).compress(body)


# Milliseconds and bytes for a storefront page of 31.7 KB: gzip 6 0.17/3,866, 1 0.06/4,787; br 5 0.20/3,361,
# 1 0.04/4,662; zstd 9 0.18/3,335, 3 0.04/3,677. The levels above take from 3 to 200 times as long for a tenth less.
CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        "zstd": Codec(kept=zstd(9), once=zstd(3)),
        "br": Codec(kept=br(5), once=br(1)),
        "gzip": Codec(kept=gzip(6), once=gzip(1)),
    }
)


class Compression:
    """Chooses among ``offered``, the names of codecs, the one preferred where a client has no preference first."""

    def __init__(self, offered: Sequence[str]) -> None:
        self.offered = tuple(offered)
        self._choice_remembered = lru_cache(REMEMBERED_HEADERS)(self._choice)

    def choice(self, accept_encoding: str) -> str:
        """The encoding to send; ``IDENTITY`` where none of those offered is accepted."""
        if len(accept_encoding) > LONGEST_HEADER:
            return self._choice(accept_encoding)
        return self._choice_remembered(accept_encoding)

    def _choice(self, accept_encoding: str) -> str:
        wanted = qualities(accept_encoding)
        rest = wanted.get("*", 0.0)
        best = max(self.offered, key=lambda name: wanted.get(name, rest), default=IDENTITY)
        quality = wanted.get(best, rest)
        # A client that says nothing of the identity would rather have any encoding that it names.
        return best if quality > 0 and quality >= wanted.get("identity", 0.0) else IDENTITY


def qualities(accept_encoding: str) -> dict[str, float]:
    """Encoding to its q; 0 for one that is no number from 0 to 1."""
    found: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        key, _, value = parameter.partition("=")
        name = name.strip().removeprefix("x-")
        if name:
            found.setdefault(name, quality(value) if key.strip() == "q" else 1.0)
    return found


def quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


async def compressed(body: bytes, encoding: str, *, kept: bool) -> tuple[str, bytes]:
    """The body in ``encoding`` and that encoding; the identity where nothing is gained.

    kept: whether the result is sent more than once. Large bodies are compressed in a thread.
    """
    if encoding == IDENTITY or len(body) < LEAST_BYTES:
        return IDENTITY, body
    codec = CODECS[encoding]
    compress = codec.kept if kept else codec.once
    made = compress(body) if len(body) <= LOOP_BYTES else await asyncio.to_thread(compress, body)
    return (encoding, made) if len(made) < len(body) else (IDENTITY, body)
