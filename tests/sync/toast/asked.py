"""A Toast that answers what a test has put down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from sync.documents import Answer, Documents, Recorded, Wanted, request_of
from sync.protocol import Checkpoint, Event
from sync.sources.toast.asking import HEADER
from sync.sources.toast.source import LIMITS, Toast
from tests.sync.toast.published import GUID, TOLD, settings

METADATA, MENUS, INVENTORY = "menus/v2/metadata", "menus/v2/menus", "stock/v1/inventory"


@dataclass
class Supplier:
    """``answers`` are by path and restaurant; ``asked`` is what was asked for. ``now`` is its clock."""

    now: datetime | None = TOLD
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, value: Any, guid: str = GUID) -> None:
        """Put an answer down: a status, bytes as they are, any other value as JSON."""
        status = value if isinstance(value, int) else 200
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = {"date": format_datetime(self.now, usegmt=True)} if self.now else {}
        self.answers[requested(path, guid)] = Answer(status, headers, body if status == 200 else b"")

    def says(self, version: str, menus: Mapping[str, Any] | None = None, guid: str = GUID) -> None:
        """Put metadata of a version down, and menus that have their own."""
        self.put(METADATA, {"restaurantGuid": guid, "lastUpdated": version}, guid)
        if menus is not None:
            self.put(MENUS, {**menus, "restaurantGuid": guid}, guid)

    async def recording(self, request: str, _before: int) -> Answer | None:
        self.asked.append(request)
        return self.answers.get(request)

    def paths(self) -> list[str]:
        """The paths asked for since the last call."""
        found = [request.split()[1] for request in self.asked]
        self.asked.clear()
        return found

    async def pull(self, stream: str, cursor: dict[str, Any] | None = None, **options: Any) -> list[Event]:
        """What the source says; ``cursor`` is moved on."""
        source, cursor = Toast(settings(**options)), {} if cursor is None else cursor
        async with Documents("http://toast.example", LIMITS, transport=Recorded(self.recording)) as documents:
            found = [event async for event in source.pull(stream, dict(cursor), documents)]
        for event in found:
            if isinstance(event, Checkpoint):
                cursor.update(event.cursor)
        return found


def requested(path: str, guid: str) -> str:
    """How a recording names the request for a restaurant's document."""
    return request_of(Wanted(path, headers={HEADER: guid}))
