"""T1: records on their way into the store, as rows of their targets, staged by COPY in batches."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import psycopg

from sync.errors import ProtocolBroken
from sync.identity import ENCODER, Namer, digest_of
from sync.problems import Found, Problems, legible
from sync.protocol import Malformed, Record, Tombstone
from sync.references import check_references
from sync.tables import TargetTable
from sync.targets import Refused

BATCH = 2_000
ANALYZE_FROM = 2_000
KEY_BYTES = 2_000
"""What a unique index surely holds."""
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

COPY = """
COPY larder_sync_staged (run_id, kind, scope, confirms, key, version, node_id, content_hash, row, problem, offender)
FROM STDIN
"""

Row = tuple[str, str, str, str, str | None, str | None, str | None, str | None, str | None, str | None]


class Stager:
    """Stages one run's rows. ``count`` is how many; ``fields`` is kind -> the fields that its rows set."""

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        run_id: int,
        source: str,
        tables: Mapping[str, TargetTable],
        problems: Problems,
    ) -> None:
        self.connection = connection
        self.run_id = run_id
        self.source = source
        self.namer = Namer(source)
        self.tables = tables
        self.problems = problems
        self.count = 0
        self.fields: dict[str, set[str]] = defaultdict(set)
        self.batch: list[Row] = []

    async def record(self, confirms: str, record: Record) -> None:
        """Stage a record, or that its target refuses it."""
        try:
            row = self.row(record)
            check_references(self.table(record.kind), row)
        except Refused as exc:
            await self.refused(record.scope, confirms, record.kind, record.key, exc)
        else:
            await self.row_of(record.scope, confirms, record.kind, record.key, row, record.version)

    def row(self, record: Record) -> dict[str, Any]:
        """The target's row of a record. Raises ``Refused``."""
        return dict(self.table(record.kind).target.row(record.payload))

    async def row_of(
        self, scope: str, confirms: str, kind: str, key: str, row: dict[str, Any], version: str | None = None
    ) -> None:
        """Stage a target's row."""
        staged = self.table(kind).staged(row)
        encoded = ENCODER.encode(staged)
        if b"\\u0000" in encoded and NUL.search(encoded):
            return await self.refused(scope, confirms, kind, key, Refused("text must not contain NUL", key))
        self.fields[kind].update(row)
        ids = self.namer.name(kind, key), digest_of(encoded)
        return await self._add(kind, scope, confirms, key, version, *ids, encoded.decode(), None, None)

    async def tombstone(self, confirms: str, gone: Tombstone) -> None:
        """Stage that the supplier no longer has a row."""
        await self._add(gone.kind, gone.scope, confirms, gone.key, *[None] * 6)

    async def malformed(self, confirms: str, broken: Malformed) -> None:
        """Stage that a row could not be read, so that the stored one stays; only report it when nobody knows which."""
        if broken.key is None:
            self.problems.add(Found(broken.scope, broken.kind, None, broken.rule, broken.value), rows=1)
        else:
            await self.refused(broken.scope, confirms, broken.kind, broken.key, Refused(broken.rule, broken.value))

    async def refused(self, scope: str, confirms: str, kind: str, key: str, why: Refused) -> None:
        """Stage that a row must not enter the store: a stored one stays as it was."""
        shown = legible(str(why.value))
        self.problems.add(Found(scope, kind, key, why.rule, str(why.value)), rows=1)
        await self._add(kind, scope, confirms, key, None, None, None, None, why.rule, shown)

    async def _add(self, kind: str, scope: str, confirms: str, key: str, *rest: Any) -> None:
        self.table(kind)
        if not key or "\0" in key or (len(key) > KEY_BYTES // 4 and len(key.encode()) > KEY_BYTES):
            rule = f"a key must have 1 to {KEY_BYTES} bytes and no NUL"
            self.problems.add(Found(scope, kind, key, rule, key), rows=1)
            return
        self.batch.append((kind, scope, confirms, key, *rest))
        self.count += 1
        if len(self.batch) >= BATCH:
            await self.flush()

    def table(self, kind: str) -> TargetTable:
        """The table of a kind. Raises ``ProtocolBroken`` for one that the stream may not write."""
        try:
            return self.tables[kind]
        except KeyError:
            raise ProtocolBroken(f"a record of kind {kind!r} in a stream that confirms no concern of it") from None

    async def flush(self) -> None:
        """Send what waits."""
        batch, self.batch = self.batch, []
        if batch:
            async with self.connection.cursor() as cursor, cursor.copy(COPY) as copy:
                for row in batch:
                    await copy.write_row((self.run_id, *row))

    async def finish(self) -> None:
        """Send the rest, and tell the planner when it is much."""
        await self.flush()
        if self.count >= ANALYZE_FROM:
            await self.connection.execute("ANALYZE larder_sync_staged")
