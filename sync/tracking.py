"""Which tables are tracked: read from PostgreSQL's catalogue, where the triggers are."""

from __future__ import annotations

from typing import Any

import psycopg

EVERY_EVENT = 4 | 8 | 16 | 32
"""INSERT, DELETE, UPDATE, TRUNCATE, as ``pg_trigger.tgtype`` has them (PostgreSQL's ``catalog/pg_trigger.h``)."""

TRACKED = r"""
SELECT c.relname, split_part(encode(t.tgargs, 'escape'), '\000', 1) AS head
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'larder_track_head' AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)
GROUP BY c.relname, head HAVING bit_or(t.tgtype::int) & %(every)s = %(every)s ORDER BY c.relname, head
"""


async def tracked_tables(connection: psycopg.AsyncConnection[Any]) -> dict[str, tuple[str, ...]]:
    """Table -> the heads that every statement which changes its rows bumps, sorted.

    A table that misses the trigger of one event is not among them: nobody could rely on its head.
    """
    found: dict[str, tuple[str, ...]] = {}
    cursor = await connection.execute(TRACKED, {"every": EVERY_EVENT})
    for table, head in await cursor.fetchall():
        found[table] = (*found.get(table, ()), head)
    return found
