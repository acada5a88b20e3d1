"""What a supplier answered, kept so that a run can be done again without asking the supplier."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

import msgspec
import psycopg
import zstandard
from psycopg.types.json import Jsonb

from sync.documents import Answer, Push, Wanted, request_of

EXACT = msgspec.json.Encoder(decimal_format="number")
CHUNK_BYTES = 1 << 16
PUSHED = "PUSH "
"""How the request of what the supplier sent by itself begins; its event id follows."""

KEEP_BODY = """
INSERT INTO larder_sync_body AS b (sha256, content, kept_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (sha256) DO UPDATE SET kept_at = EXCLUDED.kept_at WHERE b.kept_at < EXCLUDED.kept_at - interval '1 hour'
"""
KEEP_CURSOR = "UPDATE larder_sync_run SET cursor = %s WHERE id = %s"
KEEP_PAYLOAD = """
INSERT INTO larder_sync_payload (run_id, number, request, status, headers, body_id) VALUES (%s, %s, %s, %s, %s, %s)
"""
ANSWER = """
SELECT p.status, p.headers, b.content FROM larder_sync_payload p LEFT JOIN larder_sync_body b ON b.sha256 = p.body_id
WHERE p.run_id = %s AND p.request = %s ORDER BY p.number OFFSET %s LIMIT 1
"""
PUSHES = """
SELECT substr(p.request, 6), b.content, (p.headers->>'received_at')::timestamptz
FROM larder_sync_payload p JOIN larder_sync_body b ON b.sha256 = p.body_id
WHERE p.run_id = %s AND starts_with(p.request, 'PUSH ') ORDER BY p.number
"""

Row = tuple[str, int, dict[str, str], bytes | None]


@dataclass(slots=True)
class Recorder:
    """Takes a run's answers down: their bytes at once, the rest when the run is closed and worth remembering.

    ``connection`` is not the one on which rows are staged: answers come meanwhile. ``cursor`` is what the run begins
    with.
    """

    connection: psycopg.AsyncConnection[Any]
    cursor: dict[str, Any]
    rows: list[Row] = field(default_factory=list)

    async def __call__(self, wanted: Wanted, answer: Answer) -> None:
        """Take one answer down."""
        sha256, content = await asyncio.to_thread(packed, answer)
        await self.keep(request_of(wanted), answer.status, dict(answer.headers), sha256, content)

    async def pushed(self, pushes: Sequence[Push]) -> None:
        """Take down what the supplier sent by itself."""
        for push in pushes:
            sha256, content = packed(Answer(0, {}, push.body))
            received = {"received_at": push.received_at.isoformat()}
            await self.keep(f"{PUSHED}{push.event_id}", 0, received, sha256, content)

    async def keep(
        self, request: str, status: int, headers: dict[str, str], sha256: bytes | None, content: bytes | None
    ) -> None:
        if content is not None:
            await self.connection.execute(KEEP_BODY, [sha256, content])
        self.rows.append((request, status, headers, sha256))

    async def save(self, connection: psycopg.AsyncConnection[Any], run_id: int) -> None:
        """Store what the run began with and which answers it got, in their order."""
        rows = [
            (run_id, number, request, status, Jsonb(headers), sha256)
            for number, (request, status, headers, sha256) in enumerate(self.rows)
        ]
        if rows:
            await connection.execute(KEEP_CURSOR, [Jsonb(self.cursor, dumps=EXACT.encode), run_id])
            await connection.cursor().executemany(KEEP_PAYLOAD, rows)


def packed(answer: Answer) -> tuple[bytes | None, bytes | None]:
    """Digest and compressed bytes of an answer's body; None for an empty one."""
    digest, packer = hashlib.sha256(), zstandard.ZstdCompressor().compressobj()
    parts, length = [], 0
    file = answer.file or BytesIO(answer.body)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        parts.append(packer.compress(chunk))
        length += len(chunk)
    return (digest.digest(), b"".join([*parts, packer.flush()])) if length else (None, None)


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers that a run got, for ``sync.documents.Recorded``."""

    connection: psycopg.AsyncConnection[Any]
    run_id: int

    async def __call__(self, request: str, number: int) -> Answer | None:
        """The answer to the ``number``-th such request, from 0."""
        row = await (await self.connection.execute(ANSWER, [self.run_id, request, number])).fetchone()
        if row is None:
            return None
        status, headers, content = row
        return Answer(status, headers, unpacked(content))

    async def pushes(self) -> list[Push]:
        """What the supplier had sent by itself."""
        rows = await (await self.connection.execute(PUSHES, [self.run_id])).fetchall()
        return [Push(event_id, unpacked(content), received_at) for event_id, content, received_at in rows]


def unpacked(content: bytes | None) -> bytes:
    return b"" if content is None else zstandard.ZstdDecompressor().decompressobj().decompress(content)


@dataclass(frozen=True, slots=True)
class Replay:
    """A run to be done again: what it began with. ``waived``: its guards, as an operator has looked at it."""

    run_id: int
    cursor: dict[str, Any]
    started_at: datetime
    waived: bool = False
    whole: bool = False
    """Whether the run must have said everything there is, to go back to it."""
