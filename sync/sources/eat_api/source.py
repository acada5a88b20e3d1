"""eat-api: menus of canteens as static JSON (tum-dev.github.io/eat-api), and the stock that Larder's simulator adds."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sync.documents import Documents
from sync.protocol import Event
from sync.settings import SourceSettings, known
from sync.sources.eat_api.menus import pull_menus
from sync.sources.eat_api.stock import pull_stock

PULLS = {"menu": pull_menus, "stock": pull_stock}


class EatApi:
    """One supplier that speaks eat-api. It has no options."""

    def __init__(self, settings: SourceSettings) -> None:
        known(f"sources.{settings.name}.options", settings.options, set())

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """What the supplier says now about ``stream``."""
        async with aclosing(PULLS[stream](documents, cursor)) as events:
            async for event in events:
                yield event
