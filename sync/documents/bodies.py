"""The bytes of a body: decompressed within bounds, whole, UTF-8, no page for humans.

JSON is UTF-8 whatever a charset says; a byte order mark may be ignored (RFC 8259, sections 8.1 and 11).
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from email.message import Message

from sync.errors import DocumentRefused

PIECE_BYTES = 2**16
GZIP = 31
"""zlib's name for the gzip format, in its largest window."""
HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
TITLE = re.compile(rb"<title[^>]*>([^<]{1,80})", re.IGNORECASE)
LOOKED_AT = 2_048
WIDE_MARKS = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32", codecs.BOM_UTF16_LE: "UTF-16"}
WIDE_MARKS[codecs.BOM_UTF16_BE] = "UTF-16"
UTF8_RULE = "a document must be UTF-8"
JSON_RULE = "a document must be JSON"


class Broken(Exception):
    """A body that did not come whole: a second attempt may better it."""


class Unpacker:
    """Decompresses a body piece by piece, at most ``most`` bytes of it. ``encoding``: its Content-Encoding."""

    def __init__(self, encoding: str, most: int) -> None:
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise DocumentRefused("a document must be sent as it is or in gzip", repr(encoding[:80]))
        self._zip = zlib.decompressobj(GZIP) if encoding.endswith("gzip") else None
        self._most = most
        self._count = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The next pieces. Raises ``DocumentRefused`` for one byte too many, ``Broken``."""
        for piece in self._pieces(chunk):
            self._count += len(piece)
            if self._count > self._most:
                raise DocumentRefused(f"a document must have at most {self._most} bytes", "more")
            yield piece

    def _pieces(self, chunk: bytes) -> Iterator[bytes]:
        if self._zip is None:
            yield chunk
            return
        try:
            while chunk:
                if self._zip.eof:
                    self._zip = zlib.decompressobj(GZIP)
                yield self._zip.decompress(chunk, PIECE_BYTES)
                chunk = self._zip.unused_data if self._zip.eof else self._zip.unconsumed_tail
        except zlib.error as exc:
            raise Broken(f"gzip that cannot be read: {exc}") from exc

    def end(self) -> None:
        """Raises ``Broken`` when the compressed body ends too early."""
        if self._zip is not None and not self._zip.eof:
            raise Broken("gzip that ends too early")


def checked(body: bytes, content_type: str) -> bytes:
    """The body without its byte order mark. Raises ``DocumentRefused`` unless it is UTF-8, and for an HTML page."""
    body = body.removeprefix(codecs.BOM_UTF8)
    refuse_page(body, content_type)
    for mark, name in WIDE_MARKS.items():
        if body.startswith(mark):
            raise DocumentRefused(UTF8_RULE, f"it starts with the mark of {name}")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as exc:
        called = charset(content_type)
        value = f"{exc.reason} at byte {exc.start}" + (f", called {called}" if called else "")
        raise DocumentRefused(UTF8_RULE, value) from exc
    return body


def refuse_page(start: bytes, content_type: str) -> None:
    """Raises ``DocumentRefused`` for a page that a supplier shows to humans instead of a document."""
    is_page = HTML.match(start[:LOOKED_AT])
    if is_page or content_type.partition(";")[0].strip().lower() == "text/html":
        title = TITLE.search(start[:LOOKED_AT])
        shown = title[1].decode("utf-8", "replace").strip() if title else start[:80].decode("utf-8", "replace")
        raise DocumentRefused(JSON_RULE, f"it is an HTML page: {shown!r}")


def charset(content_type: str) -> str:
    """The charset that a Content-Type names, "" for none."""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset("")
