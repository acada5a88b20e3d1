"""Toast: menus of restaurants as versioned snapshots, stock as exceptions (Menus API V2, Stock API V1)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sync.documents import Documents, Limits, Rate
from sync.protocol import Event
from sync.settings import SourceSettings
from sync.sources.toast.asking import HEADER
from sync.sources.toast.menus import MENUS, pull_menus
from sync.sources.toast.options import Options
from sync.sources.toast.stock import pull_stock

PULLS = {"menu": pull_menus, "stock": pull_stock}
LIMITS = Limits(
    concurrency=4,
    body_bytes=64 * 2**20,
    rates=(Rate(MENUS, per_second=1, burst=1, by=HEADER), Rate("*", per_second=10, burst=10)),
)
"""Menus once a second and restaurant; 20 requests in any second, 10,000 in any 15 minutes (Toast, "Rate limiting").

A burst and what follows it may fall into one second. Menus of a large restaurant are tens of megabytes: few are had at
once."""


class Toast:
    """The restaurants of one owner at Toast."""

    def __init__(self, settings: SourceSettings) -> None:
        self.options = Options.read(settings)

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """What the supplier says now about ``stream``."""
        async with aclosing(PULLS[stream](self.options, documents, cursor)) as events:
            async for event in events:
                yield event
