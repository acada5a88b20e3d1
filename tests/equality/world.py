"""What an independent evaluation reads: the rows, which do not change meanwhile, and pages of lists of them."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from loaders.viewer import ANONYMOUS, Viewer
from tests.equality.plain import Refused
from tests.equality.stored import PAGING, Page

DEFAULT_SIZE, MOST = 20, 100


@dataclass(frozen=True, slots=True)
class World:
    """The rows, which do not change meanwhile, at one instant, as one viewer sees them.

    pages: cursors and the lists that they belong to.
    """

    instant: datetime
    pages: Mapping[str, Iterable[Page]]
    known: dict[Any, Any] = field(default_factory=dict)
    viewer: Viewer = ANONYMOUS

    def once(self, key: Any, read: Callable[[], Any]) -> Any:
        """``read()``, remembered."""
        if key not in self.known:
            self.known[key] = read()
        return self.known[key]


@dataclass(frozen=True, slots=True)
class CursorOf:
    """Any cursor that stands for this row."""

    key: int

    def opens(self, text: Any) -> bool:
        return isinstance(text, str) and row_of(text) == self.key


def row_of(cursor: str) -> int:
    """The row that a cursor stands for: its last value."""
    return int(orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[-1])


def page(name: str, rows: list[Any], arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    """A page of ``rows``, after Relay's Cursor Connections Specification."""
    given = {key: value for key, value in arguments.items() if key in PAGING and value is not None}
    backward = "last" in given
    if ("first" in given and backward) or ("after" if backward else "before") in given:
        raise Refused("arguments that exclude each other")
    size = given.get("last" if backward else "first", DEFAULT_SIZE)
    if not 0 <= size <= MOST:
        raise Refused("size")
    start, end = 0, len(rows)
    mark = given.get("before" if backward else "after")
    if mark is not None:
        filters = {key: value for key, value in arguments.items() if key not in PAGING and value is not None}
        if not any(mark in known.cursors and known.arguments == filters for known in world.pages.get(name, ())):
            raise Refused("a cursor of another list")
        place = [row.pk for row in rows].index(row_of(mark))
        start, end = (0, place) if backward else (place + 1, len(rows))
    shown = rows[max(start, end - size) : end] if backward else rows[start : min(end, start + size)]
    first = rows.index(shown[0]) if shown else end if backward else start
    last = first + len(shown)
    return {
        "edges": [{"cursor": CursorOf(row.pk), "node": row} for row in shown],
        "nodes": shown,
        "pageInfo": {
            "hasNextPage": last < len(rows),
            "hasPreviousPage": first > 0,
            "startCursor": CursorOf(shown[0].pk) if shown else None,
            "endCursor": CursorOf(shown[-1].pk) if shown else None,
        },
        "totalCount": len(rows),
        "totalCountIsExact": True,
    }
