"""``larder worker``: runs the sync jobs."""

from __future__ import annotations

import asyncio

from gateway.errors import ConfigError
from gateway.stores import open_store


def worker() -> None:
    """Run the scheduled syncs until stopped."""
    with open_store() as settings:
        if not settings.sync:
            raise ConfigError("LARDER_SYNC", "is off")
        from sync.jobs import work

        asyncio.run(work())
