"""What suppliers tell by themselves, as it comes in: kept once, with a run queued to see it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

LONGEST_EVENT_ID = 256


def queue(concerned: str) -> str:
    """SQL that queues a run of each (source, stream) among the rows of ``concerned``; the caller adds ON CONFLICT.

    Procrastinate's own way to queue a job raises where one waits already, and that would end the transaction.
    """
    return f"""
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
    SELECT 'default', 'larder:run_stream', name, name, jsonb_build_object('source', source, 'stream', stream,
        'timestamp', extract(epoch FROM statement_timestamp())::bigint, 'trigger', 'WEBHOOK')
    FROM (SELECT DISTINCT source, stream, source || '/' || stream AS name FROM {concerned} ORDER BY 3) AS streams"""


TAKE = f"""
WITH told AS (
    SELECT * FROM unnest(%(sources)s::text[], %(event_ids)s::text[], %(streams)s::text[],
        %(received)s::timestamptz[], %(bodies)s::bytea[]) AS t (source, event_id, stream, received_at, body)
), taken AS (
    INSERT INTO larder_sync_delivery (source, event_id, stream, received_at, body)
    SELECT * FROM told
    WHERE NOT EXISTS (
        SELECT FROM larder_sync_delivery d WHERE d.source = told.source AND d.event_id = told.event_id
    )
    ORDER BY source, event_id, received_at
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING source, stream, event_id
), queued AS (
    {queue("taken")}
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE
        SET args = procrastinate_jobs.args || '{{"trigger": "WEBHOOK"}}', scheduled_at = NULL
)
SELECT source, event_id FROM taken
"""
"""Deliveries and the jobs that read them, in one transaction.

A known event is looked for before it is inserted: an insert that meets it would wait for a publish that settles it.
A job that waits already is updated, not left alone: whoever picks it then comes after this commit, and so its run sees
these rows. In sorted order, so that two gateways do not wait for each other.
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event for one stream of one source. ``body``: what a run has to read, None where it has only to ask."""

    source: str
    event_id: str
    stream: str
    received_at: datetime
    body: bytes | None = None


async def take(connection: Connection, arrivals: Sequence[Arrival]) -> set[tuple[str, str]]:
    """Keep arrivals and queue a run of each stream that they concern, in one statement.

    Returns: source and event id, as ``storable``, of each that was not known.

    On a connection that commits by itself they are durable afterwards.
    """
    columns = {
        "sources": [arrival.source for arrival in arrivals],
        "event_ids": [storable(arrival.event_id) for arrival in arrivals],
        "streams": [arrival.stream for arrival in arrivals],
        "received": [arrival.received_at for arrival in arrivals],
        "bodies": [arrival.body for arrival in arrivals],
    }
    taken = await (await connection.execute(TAKE, columns)).fetchall()
    return {(source, event_id) for source, event_id in taken}


def storable(event_id: str) -> str:
    """The id, or a digest of one that PostgreSQL's text or its index cannot hold."""
    data = event_id.encode("utf-8", "surrogatepass")
    fits = len(data) <= LONGEST_EVENT_ID and event_id.isprintable()
    return event_id if fits else f"sha256:{hashlib.sha256(data).hexdigest()}"
