"""What the next run of a stream goes on from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from sync.guards.holds import Hold
from sync.leases import Lease
from sync.protocol import Mode
from sync.recording import EXACT
from sync.scopes import Unit

REMEMBER = "UPDATE larder_sync_stream SET {assignments} WHERE id = %(id)s"
REFUSING = """
SELECT scope, bool_or(content_hash IS NOT NULL) FROM larder_sync_staged
WHERE run_id = %s AND problem IS NOT NULL GROUP BY scope
"""


async def refusing_scopes(connection: psycopg.AsyncConnection[Any], run_id: int) -> dict[str, bool]:
    """The scopes of which something was refused, and whether any of that could be read."""
    return dict(await (await connection.execute(REFUSING, [run_id])).fetchall())


async def remember(
    connection: psycopg.AsyncConnection[Any],
    lease: Lease,
    units: Sequence[Unit],
    holds: Sequence[Hold],
    refusing: Mapping[str, bool],
) -> None:
    """Store what the next run needs, where it changed, and give the lease back. ``refusing``: see there."""
    now = {
        "cursor": advanced(lease.cursor, units, refusing, {scope for scope, readable in refusing.items() if readable}),
        "held": announced(lease.held, units, holds),
    }
    changed = {name: value for name, value in now.items() if value != getattr(lease, name)}
    assignments = ["leased_until = NULL", *(f"{name} = %({name})s" for name in changed)]
    await connection.execute(
        REMEMBER.format(assignments=", ".join(assignments)),
        {"id": lease.stream_id, **{name: Jsonb(value, dumps=EXACT.encode) for name, value in changed.items()}},
    )


def advanced(
    before: Mapping[str, Any], units: Sequence[Unit], refusing: Collection[str], readable: Collection[str] = ()
) -> dict[str, Any]:
    """The cursor for the next run; ``refusing`` are the scopes of which something was refused.

    What a snapshot said and the store does not hold must be asked for in full again: "not modified since" would be true
    and useless, whether the supplier repeats itself or takes it back. A delta stays where it was while it brought rows
    that could be read and were refused (``readable``): nobody else would bring them again.
    """
    cursor = dict(before)
    for unit in units:
        for note in unit.notes:
            snapshots = [scope for scope in note.scopes if scope.begin.mode is Mode.SNAPSHOT]
            deltas = [scope for scope in note.scopes if scope.begin.mode is Mode.DELTA]
            doubtful = any(scope.keyless or scope.name in refusing for scope in snapshots)
            waiting = any(scope.name in readable for scope in deltas)
            if unit.complete and not doubtful and not waiting:
                cursor.update(note.cursor)
            elif snapshots:
                cursor.update(dict.fromkeys(note.cursor))
    return {key: value for key, value in cursor.items() if value is not None}


def announced(before: Mapping[str, str], units: Sequence[Unit], holds: Sequence[Hold]) -> dict[str, str]:
    """Unit to digest of what the guards hold back from now on until the supplier says it again."""
    settled = {unit.name for unit in units if unit.complete}
    kept = {unit: digest for unit, digest in before.items() if unit not in settled}
    return {**kept, **{hold.unit: hold.digest for hold in holds if hold.unit is not None}}
