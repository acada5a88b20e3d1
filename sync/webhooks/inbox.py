"""The inbox as runs see it: what suppliers told by themselves, kept until a run that saw it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.webhooks.arrivals import Connection, queue
from sync.webhooks.pushes import Push

MOST_PUSHES = 1_000
MOST_BYTES = 8 * 2**20
"""Of bodies that one run is given; always at least one. The rest waits for the next run."""

PUSHES = """
SELECT id, event_id, body, received_at FROM (
    SELECT *, row_number() OVER told AS place, sum(length(body)) OVER told AS bytes FROM (
        SELECT id, event_id, body, received_at FROM larder_sync_delivery
        WHERE source = %(source)s AND stream = %(stream)s AND done_at IS NULL AND body IS NOT NULL
        ORDER BY received_at, id LIMIT %(most)s
    ) AS oldest WINDOW told AS (ORDER BY received_at, id)
) AS delivery WHERE place = 1 OR bytes <= %(bytes)s ORDER BY place
"""
CALLS = """
SELECT id FROM larder_sync_delivery
WHERE source = %(source)s AND stream = %(stream)s AND done_at IS NULL AND body IS NULL
"""
SETTLE = f"""
WITH done AS (
    UPDATE larder_sync_delivery SET done_at = clock_timestamp() WHERE id = ANY(%(ids)s) AND done_at IS NULL
    RETURNING source, stream
)
{queue("done")}
WHERE EXISTS (
    SELECT FROM larder_sync_delivery d WHERE d.source = streams.source AND d.stream = streams.stream
        AND d.done_at IS NULL AND d.body IS NOT NULL AND d.id <> ALL(%(ids)s)
)
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
"""Also queues another run where more pushes wait than one run was given."""

FORGET = """
DELETE FROM larder_sync_delivery WHERE coalesce(done_at, received_at) < clock_timestamp() - make_interval(hours => %s)
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What no published run has seen: the pushes to read, oldest first, and the ids of all that a run is done with."""

    pushes: tuple[Push, ...] = ()
    ids: tuple[int, ...] = ()


async def waiting(connection: Connection, source: str, stream: str) -> Waiting:
    """What a run of ``stream`` has to see. Read before the supplier is asked, so that nothing is settled unseen."""
    asked = {"source": source, "stream": stream, "bytes": MOST_BYTES, "most": MOST_PUSHES}
    calls = await (await connection.execute(CALLS, asked)).fetchall()
    pushes = await (await connection.execute(PUSHES, asked)).fetchall()
    return Waiting(
        tuple(Push(event_id, body, received) for _, event_id, body, received in pushes),
        tuple(row[0] for row in (*calls, *pushes)),
    )


async def settle(connection: Connection, ids: Sequence[int]) -> None:
    """Note that a run which saw these is published. Part of the publishing transaction, near its end."""
    if ids:
        await connection.execute(SETTLE, {"ids": list(ids)})


async def forget(connection: Connection, hours: int) -> None:
    """Drop what was settled, or came and was never settled, more than ``hours`` ago."""
    await connection.execute(FORGET, [hours])
