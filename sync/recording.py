"""What a supplier answered, kept so that a run can be done again without asking the supplier."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import msgspec
import psycopg
import zstandard
from psycopg.types.json import Jsonb

from sync.documents import Answer, Push, Wanted, request_of

EXACT = msgspec.json.Encoder(decimal_format="number")
CHUNK_BYTES = 1 << 16
PART_BYTES = 1 << 18
"""Compressed bytes that travel at once of an answer that was streamed."""
PUSHED = "PUSH "
"""How the request of what the supplier sent by itself begins; its event id follows."""

KEEP_BODY = """
INSERT INTO larder_sync_body AS b (sha256, content, kept_at) VALUES (%s, %s, clock_timestamp())
ON CONFLICT (sha256) DO UPDATE SET kept_at = EXCLUDED.kept_at WHERE b.kept_at < EXCLUDED.kept_at - interval '1 hour'
"""
KNOWN = "UPDATE larder_sync_body SET kept_at = clock_timestamp() WHERE sha256 = %s"
NO_PARTS = "SELECT lo_create(0)"
NEXT_PART = "SELECT lo_put(%s, %s, %b)"
KEEP_PARTS = """
INSERT INTO larder_sync_body AS b (sha256, content, kept_at) VALUES (%s, lo_get(%s), clock_timestamp())
ON CONFLICT (sha256) DO UPDATE SET kept_at = EXCLUDED.kept_at
"""
FORGET_PARTS = "SELECT lo_unlink(%s)"
KEEP_CURSOR = "UPDATE larder_sync_run SET cursor = %s WHERE id = %s"
KEEP_PAYLOAD = """
INSERT INTO larder_sync_payload (run_id, number, request, status, headers, body_id) VALUES (%s, %s, %s, %s, %s, %s)
"""
ANSWER = """
SELECT status, headers, body_id FROM larder_sync_payload
WHERE run_id = %s AND request = %s ORDER BY number OFFSET %s LIMIT 1
"""
PART = "SELECT substr(content, %s, %s) FROM larder_sync_body WHERE sha256 = %s"
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
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Nothing else is sent while the connection is in a transaction."""

    async def __call__(self, wanted: Wanted, answer: Answer) -> None:
        """Take one answer down."""
        request, headers = request_of(wanted), dict(answer.headers)
        if answer.file is None:
            sha256, content = await asyncio.to_thread(packed, answer.body)
            await self.keep(request, answer.status, headers, sha256, content)
        else:
            async with self.turn:
                sha256 = await keep_file(self.connection, answer.file)
            self.rows.append((request, answer.status, headers, sha256))

    async def pushed(self, pushes: Sequence[Push]) -> None:
        """Take down what the supplier sent by itself."""
        for push in pushes:
            sha256, content = packed(push.body)
            received = {"received_at": push.received_at.isoformat()}
            await self.keep(f"{PUSHED}{push.event_id}", 0, received, sha256, content)

    async def keep(
        self, request: str, status: int, headers: dict[str, str], sha256: bytes | None, content: bytes | None
    ) -> None:
        if content is not None:
            async with self.turn:
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


def packed(body: bytes) -> tuple[bytes | None, bytes | None]:
    """Digest and compressed bytes of an answer's body; None for an empty one."""
    if not body:
        return None, None
    return hashlib.sha256(body).digest(), b"".join(packed_parts(BytesIO(body)))


def packed_parts(file: BinaryIO) -> Iterator[bytes]:
    """The compressed bytes of what a file holds, about ``PART_BYTES`` at once."""
    packer, part = zstandard.ZstdCompressor().compressobj(), bytearray()
    while chunk := file.read(CHUNK_BYTES):
        part += packer.compress(chunk)
        if len(part) >= PART_BYTES:
            yield bytes(part)
            part.clear()
    yield bytes(part) + packer.flush()


async def keep_file(connection: psycopg.AsyncConnection[Any], file: BinaryIO) -> bytes | None:
    """Keep the body that a file holds, without holding it. Returns its digest, None for an empty one.

    A parameter of a statement is in memory several times over. So the store puts the parts together itself, in a large
    object that ends with the transaction.
    """
    sha256 = await asyncio.to_thread(digest_of, file)
    if sha256 is None or (await connection.execute(KNOWN, [sha256])).rowcount:
        return sha256
    parts = packed_parts(file)
    async with connection.transaction(), connection.cursor() as cursor:
        [number] = await (await cursor.execute(NO_PARTS)).fetchone() or [None]
        kept = 0
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            await cursor.execute(NEXT_PART, [number, kept, part])
            kept += len(part)
        await cursor.execute(KEEP_PARTS, [sha256, number])
        await cursor.execute(FORGET_PARTS, [number])
    return sha256


def digest_of(file: BinaryIO) -> bytes | None:
    """SHA-256 of what a file holds, at whose start it is left; None for nothing."""
    digest, length = hashlib.sha256(), 0
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        length += len(chunk)
    file.seek(0)
    return digest.digest() if length else None


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers that a run got, for ``sync.documents.Recorded``."""

    connection: psycopg.AsyncConnection[Any]
    run_id: int

    async def __call__(self, request: str, number: int) -> Answer | None:
        """The answer to the ``number``-th such request, from 0. Its body is in ``file``, which the caller closes."""
        row = await (await self.connection.execute(ANSWER, [self.run_id, request, number])).fetchone()
        if row is None:
            return None
        status, headers, sha256 = row
        return Answer(status, headers, file=None if sha256 is None else await self.file(sha256))

    async def file(self, sha256: bytes) -> BinaryIO:
        """The bytes of a body, decompressed as they are read. However many there are, few are held."""
        with ExitStack() as until_read:
            spool = until_read.enter_context(SpooledTemporaryFile(PART_BYTES))
            async with self.connection.cursor() as cursor:
                while part := await self.part(cursor, sha256, spool.tell()):
                    spool.write(part)
            spool.seek(0)
            until_read.pop_all()
        reader = zstandard.ZstdDecompressor().stream_reader(cast("BinaryIO", spool), read_size=CHUNK_BYTES)
        return cast("BinaryIO", reader)

    @staticmethod
    async def part(cursor: psycopg.AsyncCursor[Any], sha256: bytes, at: int) -> bytes:
        """Compressed bytes from ``at`` on, counted from 0; none after the last."""
        row = await (await cursor.execute(PART, [at + 1, PART_BYTES, sha256])).fetchone()
        return b"" if row is None else bytes(row[0])

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
