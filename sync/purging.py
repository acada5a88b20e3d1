"""Tells a CDN what has changed: posts the surrogate keys of heads that have moved.

At least once, and across restarts: ``larder_purge`` remembers the version of each head that was told last, so a change
that nobody was told of is one that the next look finds. The body is that of Fastly's batch purge
(https://www.fastly.com/documentation/reference/api/purging/); the name of its list is configurable for others.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psycopg
import structlog

from sync.surrogates import ANY, surrogate_key

POLL_SECONDS = 0.25
SETTLE_SECONDS = 0.5
"""From a change to its purge: by then every gateway knows of it, and none gives the CDN the old answer once more."""
TAKEOVER_SECONDS = 2.0
REQUEST_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('larder_purge', 0))"

DUE = """
WITH head AS (SELECT name, sum(value)::bigint AS version FROM larder_head GROUP BY name)
SELECT head.name, head.version, purge.version IS DISTINCT FROM head.version
FROM head LEFT JOIN larder_purge purge ON purge.head = head.name
WHERE purge.version IS DISTINCT FROM head.version OR purge.again_at <= clock_timestamp()
ORDER BY head.name
"""
REMEMBER = """
INSERT INTO larder_purge (head, version, again_at)
SELECT head, version, CASE WHEN moved THEN clock_timestamp() + make_interval(secs => %(again)s) END
FROM unnest(%(heads)s::text[], %(versions)s::bigint[], %(moved)s::bool[]) AS told (head, version, moved)
ON CONFLICT (head) DO UPDATE SET version = EXCLUDED.version, again_at = EXCLUDED.again_at
"""

log = structlog.get_logger("larder.purge")


@dataclass(frozen=True, slots=True)
class Purging:
    """Who is told, and how.

    token: sent in ``header``, as a bearer token if that is Authorization. keys_field: name of the list of keys.
    batch: keys in one post, at least 2. again_seconds: after so long every key is posted once more, for answers that
    were on their way to the CDN when it was purged; at least as long as a request may take.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    header: str = "Authorization"
    keys_field: str = "surrogate_keys"
    batch: int = 256
    again_seconds: float = 16.0

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a post."""
        if self.token is None:
            return {}
        return {self.header: f"Bearer {self.token}" if self.header.lower() == "authorization" else self.token}


@dataclass(frozen=True, slots=True)
class Due:
    """A head to be told of, and the version that is told. moved: by a change; else it is told once more."""

    head: str
    version: int
    moved: bool


class NotPurged(Exception):
    """The CDN did not take a post. after_seconds: when it wants to be asked again, None if it did not say."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


async def purge_for_ever(conninfo: str, purging: Purging) -> None:
    """Purge what changes, until cancelled. One process does so at a time, however many call this.

    conninfo: of a connection that keeps its session (not through a pooler in transaction mode), for the lock.
    """
    failures = 0
    async with httpx2.AsyncClient(timeout=REQUEST_SECONDS, headers=purging.headers) as client:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    conninfo, autocommit=True, prepare_threshold=None, application_name="larder purge"
                ) as connection:
                    await locked(connection)
                    while True:
                        await purge_once(connection, client, purging)
                        failures = 0
            except (NotPurged, psycopg.Error) as exc:
                failures += 1
                pause = pause_seconds(failures, getattr(exc, "after_seconds", None))
                log.warning("not purged", error=" ".join(str(exc).split()), again_in_seconds=round(pause, 1))
                await asyncio.sleep(pause)


async def locked(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait until no other session purges."""
    while True:
        [(free,)] = await (await connection.execute(LOCK)).fetchall()
        if free:
            return
        await asyncio.sleep(TAKEOVER_SECONDS)


async def purge_once(connection: psycopg.AsyncConnection[Any], client: httpx2.AsyncClient, purging: Purging) -> None:
    """Purge what is due, or wait a little where nothing is. Raises ``NotPurged``; what was told is remembered."""
    due = [Due(*row) for row in await (await connection.execute(DUE)).fetchall()]
    if not due:
        await asyncio.sleep(POLL_SECONDS)
        return
    await asyncio.sleep(SETTLE_SECONDS)
    heads_in_batch = max(purging.batch - 1, 1)
    for start in range(0, len(due), heads_in_batch):
        batch = due[start : start + heads_in_batch]
        await post(client, purging, [*(surrogate_key(each.head) for each in batch), ANY])
        # The versions as they were read before the post: what has changed since is still due.
        told = {
            "heads": [each.head for each in batch],
            "versions": [each.version for each in batch],
            "moved": [each.moved for each in batch],
            "again": purging.again_seconds,
        }
        await connection.execute(REMEMBER, told)
    log.info("purged", heads=len(due), moved=sum(each.moved for each in due))


async def post(client: httpx2.AsyncClient, purging: Purging, keys: Sequence[str]) -> None:
    """Post the keys. Raises ``NotPurged`` unless they are taken (2xx)."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            response = await client.post(purging.url, json={purging.keys_field: list(keys)})
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as exc:
        raise NotPurged(f"{type(exc).__name__} {exc}".strip()) from exc
    if not response.is_success:
        raise NotPurged(f"the answer was {response.status_code}", retry_after(response.headers.get("retry-after")))


def retry_after(text: str | None) -> float | None:
    """The seconds in a ``Retry-After``, None for a date or for none."""
    return float(text) if text and text.isascii() and text.isdigit() else None


def pause_seconds(failures: int, after_seconds: float | None) -> float:
    """How long to wait after so many failures in a row: doubling from half a second, with jitter, up to a minute."""
    if after_seconds is not None:
        return min(after_seconds, LONGEST_PAUSE_SECONDS)
    return float(min(2.0 ** min(failures - 2, 10), LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1))  # noqa: S311 - spreads attempts, hides nothing
