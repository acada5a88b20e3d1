"""Version counters: bumped in the writer's own transaction, so that a reader's snapshot and its versions agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg

CHANNEL = "larder_heads"
SHARDS = 32

CONFIRMATION_HEAD = "larder_confirmation"
"""Moves with what may change a freshness."""

CONFIRMED_HEAD = "larder_confirmation.confirmed_at"
"""Moves with the times of confirmations."""

BUMP = f"""
INSERT INTO larder_head (name, shard, value)
SELECT name, pg_backend_pid() %% {SHARDS}, 1 FROM unnest(%s::text[]) AS name ORDER BY name
ON CONFLICT (name, shard) DO UPDATE SET value = larder_head.value + 1
"""


async def bump_heads(connection: psycopg.AsyncConnection[Any], names: Iterable[str]) -> None:
    """Bump ``names`` in sorted order and notify ``larder_heads`` once. The last writes of a transaction."""
    if ordered := sorted(set(names)):
        await connection.execute(BUMP, [ordered])
        await connection.execute(
            "SELECT pg_notify(%s, %s)", [CHANNEL, msgspec.json.encode({"heads": ordered}).decode()]
        )
