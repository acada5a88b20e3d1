"""A bound on the connections that Django takes."""

from __future__ import annotations

import asyncio
from typing import Any

from django.db import connections

WAIT_SECONDS = 10.0


class DjangoConnections:
    """Bounds the connections of Django's pages, the admin above all, in a process that serves.

    Under ASGI each request has a thread of its own, and each thread would connect for itself. From ``open`` to
    ``close`` they share ``count`` connections, opened when needed; a page that gets none within ten seconds is a 500.
    """

    def __init__(self, count: int, alias: str = "default") -> None:
        self.count = count
        self.alias = alias

    async def open(self) -> None:
        """Share connections from here on."""
        options: dict[str, Any] = connections.settings[self.alias]["OPTIONS"]
        options["pool"] = {"min_size": 0, "max_size": self.count, "timeout": WAIT_SECONDS, "name": "larder django"}

    async def close(self) -> None:
        """Close them."""
        connection: Any = connections[self.alias]
        await asyncio.to_thread(connection.close_pool)
        connections.settings[self.alias]["OPTIONS"].pop("pool", None)
