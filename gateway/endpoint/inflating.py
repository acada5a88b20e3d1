"""Bodies that were compressed on the way (RFC 9110, section 8.4), never to more than may be sent uncompressed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

import brotli  # type: ignore[import-untyped]
import zstandard

from gateway.endpoint.errors import RequestError

GZIP, ZLIB = 31, 15
"""What zlib calls its formats: HTTP's ``deflate`` is the second (RFC 9110, section 8.4.1.2)."""

WINDOW = 2**23
"""Bytes that zstd may look back: those that RFC 8878, section 3.1.1.1.2, advises to admit."""


class Broken(Exception):
    """The data is not what its encoding says."""


def of_zlib(data: bytes, most: int, *, form: int) -> bytes:
    """What zlib inflates, up to ``most`` bytes."""
    reader = zlib.decompressobj(form)
    try:
        found = reader.decompress(data, most)
    except zlib.error as error:
        raise Broken from error
    if len(found) < most and (not reader.eof or reader.unused_data):
        raise Broken
    return found


def of_brotli(data: bytes, most: int) -> bytes:
    """What brotli inflates, up to about ``most`` bytes."""
    reader, parts, size = brotli.Decompressor(), [], 0
    try:
        while not reader.is_finished() and size < most:
            part = reader.process(data, output_buffer_limit=most)
            if not part and not reader.is_finished():
                raise Broken
            data = b""
            parts.append(part)
            size += len(part)
    except brotli.error as error:
        raise Broken from error
    return b"".join(parts)


def of_zstd(data: bytes, most: int) -> bytes:
    """What zstd inflates, up to ``most`` bytes."""
    if not data:
        raise Broken
    try:
        with zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(data) as reader:
            return reader.read(most)
    except zstandard.ZstdError as error:
        raise Broken from error


ENCODINGS: dict[bytes, Callable[[bytes, int], bytes]] = {
    b"gzip": partial(of_zlib, form=GZIP),
    b"deflate": partial(of_zlib, form=ZLIB),
    b"br": of_brotli,
    b"zstd": of_zstd,
}
"""By their names in ``Content-Encoding``: from data and a bound to what it inflates to, cut about there."""

ACCEPTED = ((b"accept-encoding", b", ".join(ENCODINGS)),)


def inflate(data: bytes, encoding: bytes, limit: int) -> bytes:
    """The body as it was. Raises ``RequestError`` for data that is none, or more than ``limit`` bytes."""
    if encoding not in ENCODINGS:
        raise RequestError(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            f"use one content encoding of {', '.join(name.decode() for name in ENCODINGS)}, "
            f"not {encoding.decode('latin-1')[:100]!r}",
            ACCEPTED,
        )
    try:
        found = ENCODINGS[encoding](data, limit + 1)
    except Broken as error:
        raise RequestError(400, "BAD_REQUEST", f"the body is not {encoding.decode()}") from error
    if len(found) > limit:
        raise RequestError(413, "REQUEST_TOO_LARGE", f"the body is larger than {limit} bytes")
    return found
