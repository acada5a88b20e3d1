"""``larder worker``: runs the sync jobs, and tells the CDN of changes."""

from __future__ import annotations

import asyncio

from gateway.errors import ConfigError


def worker() -> None:
    """Run the scheduled syncs until stopped. Purges the CDN of what changes, where there is one."""
    from gateway.stores import open_store

    with open_store() as settings:
        if not settings.sync and settings.purge_url is None:
            raise ConfigError("LARDER_SYNC", "is off")
        from sync.jobs import work
        from sync.picking import Shares
        from sync.purging import Purging

        told = settings.purging
        # A request that began before a change may bring the CDN the old answer until its time is over.
        purging = None if told is None else Purging(**told, again_seconds=settings.request_timeout + 1)
        direct = settings.database_direct_url or settings.database_url
        shares = Shares(settings.worker_concurrency, settings.worker_source_share)
        asyncio.run(work(syncs=settings.sync, purging=purging, direct=direct, shares=shares))
