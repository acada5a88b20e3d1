"""Any supplier that answers JSON over HTTP, read as its source's ``options`` declare: docs/suppliers/http-json.md."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sync.documents import Documents, Limits, Rate
from sync.protocol import Event
from sync.settings import SourceSettings
from sync.sources.http_json.declared import read_streams
from sync.sources.http_json.payloads import payloads_of
from sync.sources.http_json.pulling import Pull
from sync.sources.http_json.unread import Tally
from sync.targets import installed_targets

LIMITS = Limits(concurrency=4, rates=(Rate("*", per_second=10, burst=20),))
"""What a supplier surely bears of which nobody knows more."""


class HttpJson:
    """One declared supplier. ``unread`` is document -> fields of its items that no expression reads, as far as seen."""

    def __init__(self, settings: SourceSettings) -> None:
        """Raises ``SettingsError``, also for records that the installed targets do not take."""
        targets = installed_targets()
        self.streams = read_streams(settings)
        self.payloads = {name: payloads_of(stream, targets) for name, stream in self.streams.items()}
        self.unread: dict[str, set[str]] = {}

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """What the supplier says now about ``stream``."""
        tally = Tally(self.streams[stream], self.unread)
        pull = Pull(self.streams[stream], self.payloads[stream], cursor, documents, tally)
        async with aclosing(pull.events()) as events:
            async for event in events:
                yield event
