"""Square: catalog and stock of one seller with its locations (Square API 2025-08-20).

Its credentials are a bearer token with the scopes ITEMS_READ, INVENTORY_READ and MERCHANT_PROFILE_READ.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sync.documents import Documents
from sync.protocol import Event
from sync.settings import SourceSettings
from sync.sources.square.catalog import pull_catalog
from sync.sources.square.inventory import pull_inventory
from sync.sources.square.options import SquareOptions

PULLS = {"catalog": pull_catalog, "inventory": pull_inventory}


class Square:
    """One seller's account at Square."""

    def __init__(self, settings: SourceSettings) -> None:
        self.options = SquareOptions.read(f"sources.{settings.name}.options", settings.options)

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """What Square says now about ``stream``."""
        async with aclosing(PULLS[stream](self.options, documents, cursor)) as events:
            async for event in events:
                yield event
