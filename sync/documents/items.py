"""Items of a JSON array, one by one, out of a document that is never held whole."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ijson  # type: ignore[import-untyped]
import msgspec
from ijson.utils import sendable_list  # type: ignore[import-untyped]

from sync.documents.answers import Document
from sync.documents.bodies import JSON_RULE, UTF8_RULE, refuse_page
from sync.errors import DocumentRefused

START_BYTES = 1_024
REASON_LENGTH = 200
SHAPE_RULE = "a document must have the documented shape"
DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A document whose items come one by one: objects as dicts, numbers as int or Decimal, exact.

    ``document`` has no body. ``items`` are none when it is unchanged or absent. They raise ``DocumentRefused`` where
    the document breaks off, so what came before must not be taken for all there is.
    """

    document: Document
    items: AsyncIterator[Any]


class ItemReader:
    """Reads the array at ``place``: names of members joined by dots, "" for the document itself."""

    def __init__(self, place: str, content_type: str, item_bytes: int) -> None:
        self._place = place
        self._content_type = content_type
        self._item_bytes = item_bytes
        self._found: Any = sendable_list()
        self._parser = ijson.items_coro(self._found, f"{place}.item" if place else "item")
        self._start: bytes | None = b""
        """The first bytes, until there are enough to tell what they are."""
        self._head: bytearray | None = bytearray()
        """All of the document until the first item: the array may be missing, or empty."""
        self._since_item = 0

    def feed(self, piece: bytes) -> list[Any]:
        """The items that end in ``piece``. Raises ``DocumentRefused``."""
        if self._start is not None:
            self._start += piece
            if len(self._start) < START_BYTES:
                return []
            piece = self._begin(self._start)
        return self._read(piece)

    def end(self) -> list[Any]:
        """The items that are left. Raises ``DocumentRefused`` unless the document was whole and held the array."""
        items = [] if self._start is None else self._read(self._begin(self._start))
        self._parse(self._parser.close)
        if self._head is not None:
            found = DECODER.decode(bytes(self._head))
            for name in self._place.split(".") if self._place else ():
                found = found.get(name) if isinstance(found, dict) else None
            if not isinstance(found, list):
                raise DocumentRefused(SHAPE_RULE, f"no array at {self._place!r}")
        return items

    def _begin(self, start: bytes) -> bytes:
        self._start = None
        start = start.removeprefix(codecs.BOM_UTF8)
        refuse_page(start, self._content_type)
        return start

    def _read(self, piece: bytes) -> list[Any]:
        if not piece:
            return []
        self._parse(lambda: self._parser.send(piece))
        items = self._found[:]
        self._found.clear()
        if items:
            self._head = None
            self._since_item = 0
            return list(items)
        if self._head is not None:
            self._head += piece
        self._since_item += len(piece)
        if self._since_item > self._item_bytes:
            raise DocumentRefused(f"at most {self._item_bytes} bytes may lie between two items", "more")
        return []

    def _parse(self, step: Any) -> None:
        try:
            step()
        except (ijson.JSONError, ValueError, ArithmeticError) as exc:
            told = exc.args[0] if exc.args else ""
            text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
            reason = " ".join(text.split())[:REASON_LENGTH]
            raise DocumentRefused(UTF8_RULE if "UTF8" in reason else JSON_RULE, reason) from exc
