"""Scopes that say again, record by record, what stands in the store: nothing of them is staged, compared or written.

A digest of what a snapshot scope said is kept with the publish that brought all of it into the store (``Told``), and
dropped with the next change of its tables by anybody else. A run holds a scope's records back while they may come to
that digest; a scope that does counts like a document that the supplier did not send again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from sync.errors import Overtaken
from sync.problems import Found, Problems
from sync.protocol import Record
from sync.scopes import Scope, Unit
from sync.tables import TargetTable
from sync.validation import CONTRADICTION

HELD_BACK_BYTES = 1 << 26
"""As MessagePack, of the records that a run holds back in memory; beyond, they are compared row by row."""

ENCODER = msgspec.msgpack.Encoder(enc_hook=repr)

READ = "SELECT scope, digest FROM larder_sync_told WHERE source = %s AND stream = %s"
STANDS = """
SELECT count(*) FROM larder_sync_told t
JOIN unnest(%s::text[], %s::uuid[]) AS said (scope, digest) USING (scope, digest)
WHERE t.source = %s AND t.stream = %s
"""
OUTDATE = """
DELETE FROM larder_sync_told WHERE source = %(source)s AND tables && %(changed)s
    AND NOT (stream = %(stream)s AND scope = ANY(%(kept)s))
"""
KEEP = """
INSERT INTO larder_sync_told AS t (source, stream, scope, digest, tables)
SELECT %(source)s, %(stream)s, scope, digest, %(tables)s
FROM unnest(%(scopes)s::text[], %(digests)s::uuid[]) AS said (scope, digest)
ON CONFLICT (source, stream, scope) DO UPDATE SET digest = EXCLUDED.digest, tables = EXCLUDED.tables
WHERE (t.digest, t.tables) IS DISTINCT FROM (EXCLUDED.digest, EXCLUDED.tables)
"""
REFUSE_STRAYS = """
UPDATE larder_sync_staged s SET problem = %(rule)s, offender = s.key FROM {table} t
WHERE s.run_id = %(run)s AND s.kind = %(kind)s AND s.problem IS NULL
    AND t.source = %(source)s AND t.external_id = s.key AND t.scope = ANY(%(scopes)s) AND t.deleted_at IS NULL
RETURNING s.scope, s.key
"""


class Saying:
    """What one snapshot scope says. ``waiting`` are its records while they may be what ``known`` says."""

    __slots__ = ("_digest", "_held_back", "known", "waiting")

    def __init__(self, build: bytes, known: UUID | None) -> None:
        self._digest = hashlib.blake2b(build, digest_size=16)
        self._held_back = 0
        self.known = known
        self.waiting: list[Record] | None = None if known is None else []

    def hear(self, record: Record) -> bool:
        """Take a record into account. Whether it is held back, rather than to be staged now."""
        said = ENCODER.encode((record.kind, record.key, record.version, record.payload))
        self._digest.update(said)
        self._held_back += len(said)
        if self.waiting is None or self._held_back > HELD_BACK_BYTES:
            return False
        self.waiting.append(record)
        return True

    @property
    def digest(self) -> UUID:
        """Of all that was heard."""
        return UUID(bytes=self._digest.digest())

    @property
    def repeats(self) -> bool:
        """Whether all of it was held back, and is what is known."""
        return self.waiting is not None and self.digest == self.known

    def let_go(self) -> list[Record]:
        """The records that were held back; from now on none are."""
        waiting, self.waiting = self.waiting or [], None
        return waiting


@dataclass(frozen=True, slots=True)
class Written:
    """What a publish did to the store: tables with changed rows, and those with deleted ones."""

    changed: Collection[str]
    deleted: Collection[str]


async def read_told(connection: psycopg.AsyncConnection[Any], source: str, stream: str) -> dict[str, UUID]:
    """Scope -> digest of what it said, where that stands in the store."""
    rows = await (await connection.execute(READ, [source, stream])).fetchall()
    return dict(rows)


def repeated(units: Iterable[Unit]) -> list[Scope]:
    """The scopes of ``units`` that say what stands in the store."""
    return [scope for unit in units for scope in unit.scopes if scope.repeated]


async def refuse_strays(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    tables: Sequence[TargetTable],
    scopes: Sequence[Scope],
    problems: Problems,
) -> bool:
    """Refuse staged rows that repeated scopes have already. Whether there were any."""
    found = False
    names = [scope.name for scope in scopes]
    for table in tables if names else ():
        parameters = {"run": run_id, "source": source, "kind": table.kind, "scopes": names, "rule": CONTRADICTION}
        for scope, key in await (
            await connection.execute(REFUSE_STRAYS.format(table=table.table), parameters)
        ).fetchall():
            problems.add(Found(scope, table.kind, key, CONTRADICTION, key), rows=1)
            found = True
    return found


async def check_standing(
    connection: psycopg.AsyncConnection[Any], source: str, stream: str, scopes: Sequence[Scope]
) -> None:
    """Raises ``Overtaken`` when somebody changed, since the run began, what ``scopes`` say again."""
    if not scopes:
        return
    said = [scope.name for scope in scopes], [scope.digest for scope in scopes]
    row = await (await connection.execute(STANDS, [*said, source, stream])).fetchone()
    if row != (len(scopes),):
        raise Overtaken(f"the rows of {source}/{stream} changed while its supplier was asked")


async def keep_told(
    connection: psycopg.AsyncConnection[Any],
    source: str,
    stream: str,
    tables: Sequence[TargetTable],
    written: Written,
    *,
    stand: Sequence[Scope],
    new: Sequence[Scope],
) -> None:
    """Forget what no longer stands in the store, and keep what does since this publish.

    ``stand`` are the repeated scopes; they have to be compared again when a row went that theirs may refer to.
    """
    referenced = {reference.table for table in tables for reference in table.references}
    spoiled = bool(referenced.intersection(written.deleted))
    parameters = {
        "source": source,
        "stream": stream,
        "changed": list(written.changed),
        "kept": [] if spoiled else [scope.name for scope in stand],
        "scopes": [scope.name for scope in new],
        "digests": [scope.digest for scope in new],
        "tables": sorted(referenced.union(table.table for table in tables)),
    }
    if written.changed:
        await connection.execute(OUTDATE, parameters)
    if new:
        await connection.execute(KEEP, parameters)
