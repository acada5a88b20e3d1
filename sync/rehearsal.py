"""A run of which nothing is written: what a source would make of its supplier, and how that differs from the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from sync.documents import Documents
from sync.errors import ProtocolBroken
from sync.identity import digest
from sync.problems import Found
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Source, Tombstone, Unchanged
from sync.references import check_references
from sync.scopes import Heard, Scope
from sync.sparse import CLOCKS_DIFFER, agreed, members
from sync.tables import TargetTable
from sync.targets import Population, Refused

KNOWN = "SELECT external_id, content_hash, scope FROM {table} WHERE source = %s AND deleted_at IS NULL"
CONTRADICTION = "records of one key must agree"
STRAY = "a record must be about something that is on offer"

Keys = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it would be written: ``values`` by field, references as external ids."""

    scope: str
    values: Mapping[str, Any]
    content_hash: UUID


@dataclass(frozen=True, slots=True)
class Difference:
    """How many rows of a kind would be written."""

    inserted: int
    updated: int
    unchanged: int
    deleted: int


@dataclass(slots=True)
class Rehearsed:
    """What a run of a stream would do. ``differences`` is by kind, empty when no store was asked.

    ``strays`` are records of sparse scopes about what the store does not have on offer: a run reports and skips them.
    ``unread`` is document -> fields of the supplier that no mapping read. ``unsure`` are the kinds referred to of which
    nobody knows the rows.
    """

    source: str
    stream: str
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    tombstones: Keys = field(default_factory=dict)
    refused: list[Found] = field(default_factory=list)
    refused_keys: Keys = field(default_factory=dict)
    lost: list[Found] = field(default_factory=list)
    failed: list[Found] = field(default_factory=list)
    strays: list[Found] = field(default_factory=list)
    documents: int = 0
    sparse: bool = False
    differences: dict[str, Difference] = field(default_factory=dict)
    unread: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    @property
    def well(self) -> bool:
        """Whether all of it would be published."""
        return not (self.refused or self.lost or self.failed)


class Rehearsal:
    """The rehearsal of one source's streams, in their order; a stream may refer to what earlier ones brought."""

    def __init__(self, source: str, store: psycopg.AsyncConnection[Any] | None) -> None:
        self.source = source
        self.store = store
        self.brought: Keys = {}

    async def of(self, stream: str, reader: Source, documents: Documents, tables: Sequence[TargetTable]) -> Rehearsed:
        """Pull ``stream`` from its beginning. Raises ``ProtocolBroken``."""
        found = Rehearsed(self.source, stream, rows={table.kind: {} for table in tables})
        taking = Taking(found, {table.kind: table for table in tables})
        async with aclosing(reader.pull(stream, {}, documents)) as events:
            async for event in events:
                taking.take(event)
        taking.drop_failed_units()
        found.documents = len(taking.heard.documents)
        unread: Mapping[str, set[str]] = getattr(reader, "unread", {})
        found.unread = {document: sorted(names) for document, names in unread.items()}
        if self.store is not None:
            now = datetime.now(UTC)
            for scope in taking.expandable:
                for table in tables:
                    if table.target.population is not None:
                        await self.expand(self.store, found, scope, table, table.target.population, now)
        stored = {table.kind: await self.stored(table.table) for table in tables} if self.store else {}
        await self.find_lost(found, tables, {kind: set(rows) for kind, rows in stored.items()})
        for kind, rows in stored.items():
            found.differences[kind] = difference(found, kind, rows, taking.exhaustive)
        for kind, brought in found.rows.items():
            self.brought.setdefault(kind, set()).update(brought)
        return found

    async def expand(
        self,
        store: psycopg.AsyncConnection[Any],
        found: Rehearsed,
        scope: Scope,
        table: TargetTable,
        population: Population,
        now: datetime,
    ) -> None:
        """Make of a sparse scope's records the rows that a run would write: one for each member of its population.

        Those that the supplier speaks of come first.
        """
        rows, kept = found.rows[table.kind], found.refused_keys.setdefault(table.kind, set())
        said = {key: row.values for key, row in rows.items() if row.scope == scope.name}
        refused = set(kept)
        spoken_of: dict[str, Row] = {}
        silent: dict[str, Row] = {}
        on_offer = await members(store, population.rows(self.source, scope.name, clock_of(scope, now)))
        for key, (member, matches) in on_offer.items():
            spoken = agreed([dict(said[match]) for match in matches if match in said], key)
            if isinstance(spoken, Refused):
                found.refused.append(Found(scope.name, table.kind, key, spoken.rule, str(spoken.value)))
            if isinstance(spoken, Refused) or not refused.isdisjoint(matches):
                kept.add(key)
                continue
            values = {**population.default, **spoken, **{name: member[f"{name}_key"] for name in population.columns}}
            made = spoken_of if spoken else silent
            made[key] = Row(scope.name, values, digest(table.staged(values)))
        known = {match for _, matches in on_offer.values() for match in matches}
        found.strays += [Found(scope.name, table.kind, key, STRAY, key) for key in sorted(set(said) - known)]
        for key in said:
            del rows[key]
        rows |= {**spoken_of, **silent}

    async def stored(self, table: str) -> dict[str, tuple[UUID, str]]:
        """External id -> digest and scope of the source's rows in the store."""
        if self.store is None:
            return {}
        cursor = await self.store.execute(KNOWN.format(table=table), [self.source])
        return {key: (content_hash, scope) for key, content_hash, scope in await cursor.fetchall()}

    async def find_lost(self, found: Rehearsed, tables: Sequence[TargetTable], stored: Keys) -> None:
        """Refuse rows that refer to nothing, in publish order."""
        for table in tables:
            rows = found.rows[table.kind]
            for reference in table.references:
                if reference.kind not in stored and self.store is not None:
                    stored[reference.kind] = set(await self.stored(reference.table))
                known = stored.get(reference.kind, set()) | self.brought.get(reference.kind, set())
                own = found.rows.get(reference.kind)
                if self.store is None and own is None and reference.kind not in self.brought:
                    found.unsure.add(reference.kind)
                    continue
                while lost := dangling(rows, reference.field, known | set(own or ())):
                    rule = f"{reference.field} must be a known {reference.kind}"
                    for key, value in lost:
                        found.lost.append(Found(rows.pop(key).scope, table.kind, key, rule, value))
                        found.refused_keys.setdefault(table.kind, set()).add(key)


class Taking:
    """Takes a source's events as a run does, in memory."""

    def __init__(self, found: Rehearsed, tables: Mapping[str, TargetTable]) -> None:
        self.found = found
        self.tables = tables
        self.heard = Heard()

    def take(self, event: Event) -> None:
        """Take one event. Raises ``ProtocolBroken`` for one out of place."""
        match event:
            case Record():
                self.record(event)
            case Malformed():
                self.malformed(event)
            case Tombstone():
                self.heard.opened(event.scope)
                self.found.tombstones.setdefault(self.table(event.kind).kind, set()).add(event.key)
            case Checkpoint():
                self.heard.documents.update([event.document] if event.document else [])
            case Unchanged():
                self.heard.documents.add(event.document)
            case Failed():
                self.heard.documents.add(event.document)
                self.found.failed.append(Found("", "document", event.document, event.rule, event.value))
                if event.confirms is not None:
                    self.heard.unit(event.confirms).failed = True
            case Begin():
                self.heard.begin(event)
                self.found.sparse = self.found.sparse or event.mode is Mode.SPARSE
            case End():
                self.heard.end(event)

    def record(self, event: Record) -> None:
        scope = self.heard.opened(event.scope)
        table = self.table(event.kind)
        try:
            values = dict(table.target.row(event.payload))
            if scope.begin.mode is not Mode.SPARSE:
                check_references(table, values)
        except Refused as exc:
            self.refuse(Found(event.scope, event.kind, event.key, exc.rule, str(exc.value)))
            return
        row = Row(event.scope, values, digest(table.staged(values)))
        known = self.found.rows[event.kind].setdefault(event.key, row)
        if (known.content_hash, known.scope) != (row.content_hash, row.scope):
            self.refuse(Found(event.scope, event.kind, event.key, CONTRADICTION, event.key))
        elif event.key in self.found.refused_keys.get(event.kind, ()):
            del self.found.rows[event.kind][event.key]

    def malformed(self, event: Malformed) -> None:
        if event.scope in self.heard.scopes and event.key is None:
            self.heard.opened(event.scope).keyless = True
        self.refuse(Found(event.scope, event.kind, event.key, event.rule, event.value))

    def refuse(self, problem: Found) -> None:
        self.found.refused.append(problem)
        if problem.key is not None:
            self.found.refused_keys.setdefault(problem.kind, set()).add(problem.key)
            self.found.rows.get(problem.kind, {}).pop(problem.key, None)

    def table(self, kind: str) -> TargetTable:
        """Raises ``ProtocolBroken`` for a kind that the stream may not write."""
        if kind not in self.tables:
            raise ProtocolBroken(f"a record of kind {kind!r} in a stream that confirms no concern of it")
        return self.tables[kind]

    def drop_failed_units(self) -> None:
        """Take back what belongs to units of which a document could not be had."""
        failed = {scope.name for unit in self.heard.units.values() if unit.failed for scope in unit.scopes}
        for rows in self.found.rows.values():
            for key in [key for key, row in rows.items() if row.scope in failed]:
                del rows[key]

    @property
    def expandable(self) -> list[Scope]:
        """The sparse scopes whose silence means something."""
        units = [unit for unit in self.heard.units.values() if not unit.failed]
        scopes = [scope for unit in units for scope in unit.scopes]
        return [scope for scope in scopes if scope.begin.mode is Mode.SPARSE and scope.complete and not scope.keyless]

    @property
    def exhaustive(self) -> set[str]:
        """Scopes in which absence means deleted."""
        units = [unit for unit in self.heard.units.values() if not unit.failed]
        return {scope.name for unit in units for scope in unit.scopes if scope.exhaustive and not scope.keyless}


def clock_of(scope: Scope, now: datetime) -> datetime:
    """When the supplier spoke, by its own clock unless that is far ahead."""
    return scope.as_of if scope.as_of and scope.as_of - now <= CLOCKS_DIFFER else now


def dangling(rows: Mapping[str, Row], name: str, known: set[str]) -> list[tuple[str, str]]:
    """Key and value of the rows that refer, in field ``name``, to none of ``known``."""
    said = ((key, row.values.get(name)) for key, row in rows.items())
    return [(key, str(value)) for key, value in said if value is not None and value not in known]


def difference(found: Rehearsed, kind: str, stored: Mapping[str, tuple[UUID, str]], exhaustive: set[str]) -> Difference:
    """What publishing would do to the rows of one kind."""
    rows = found.rows[kind]
    gone = found.tombstones.get(kind, set())
    kept = set(rows) | found.refused_keys.get(kind, set())
    same = sum(stored.get(key) == (row.content_hash, row.scope) for key, row in rows.items())
    known = sum(key in stored for key in rows)
    absent = [key for key, (_, scope) in stored.items() if key not in kept and (scope in exhaustive or key in gone)]
    return Difference(len(rows) - known, known - same, same, len(absent))


def problems(found: Rehearsed) -> Iterator[Found]:
    """Everything that is wrong, documents first."""
    yield from found.failed
    yield from found.refused
    yield from found.lost
