"""T3 for one target: deletes, upserts, history; rows that the database refuses are found and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import errors

from sync.errors import TooManyRefused
from sync.problems import Found, Problems, legible
from sync.statements import Statements

ISOLATED = 50
"""Rows that a run singles out when the database refuses them; more than that fail the run."""

ANALYZE_FROM = 1_000
"""Rows that came or went from which on the planner is told at once: the next target's rows may refer to them."""

REFUSABLE = (errors.IntegrityError, errors.DataError, errors.ProgramLimitExceeded)

RANGE = "SELECT min(id), max(id) FROM larder_sync_staged WHERE run_id = %(run)s AND kind = %(kind)s"
MIDDLE = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM larder_sync_staged
WHERE run_id = %(run)s AND kind = %(kind)s AND problem IS NULL AND id BETWEEN %(first)s AND %(last)s
"""
REFUSE = "UPDATE larder_sync_staged SET problem = %s, offender = %s WHERE id = %s RETURNING scope, key"


@dataclass(slots=True)
class Counts:
    """Rows that a merge wrote; ``marked`` changed only in how they are held."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    recorded: int = 0
    marked: int = 0

    @property
    def rows(self) -> int:
        """Rows written."""
        return self.inserted + self.updated + self.deleted

    def __bool__(self) -> bool:
        return bool(self.rows or self.marked)

    def __iadd__(self, other: Counts) -> Self:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


class Merge:
    """Merges one target's staged rows inside the caller's transaction."""

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        statements: Statements,
        parameters: Mapping[str, Any],
        problems: Problems,
    ) -> None:
        self.connection = connection
        self.statements = statements
        self.parameters = {**parameters, "kind": statements.table.kind, "concern": statements.table.target.concern}
        self.problems = problems
        self.counts = Counts()
        self.isolated = 0

    async def run(self) -> Counts:
        """Deletions first: a row that goes makes room for one that comes under the same unique constraint."""
        for statement in (self.statements.absent, self.statements.tombstones):
            _, changed, recorded = await self.one(statement)
            self.counts.deleted += changed
            self.counts.recorded += recorded
        await self.refuse_unresolved()
        first, last = await self.one(RANGE)
        if first is not None:
            await self.upsert(first, last)
            await self.relink()
        if self.counts.inserted + self.counts.deleted >= ANALYZE_FROM:
            await self.connection.execute(f"ANALYZE {self.statements.table.table}")
        self.counts.marked += await self.affected(self.statements.hold)
        self.counts.marked += await self.affected(self.statements.release)
        return self.counts

    async def refuse_unresolved(self) -> None:
        """Refuse rows that refer to nothing, then those that refer to these, and so on."""
        table = self.statements.table
        for reference in table.references:
            rule = f"{reference.field} must be a known {reference.kind}"
            while True:
                cursor = await self.connection.execute(
                    self.statements.unresolved(reference), {**self.parameters, "rule": rule}
                )
                refused = await cursor.fetchall()
                for scope, key, value in refused:
                    self.problems.add(Found(scope, table.kind, key, rule, value), rows=1, follows=True)
                if not refused or reference.kind != table.kind:
                    break

    async def upsert(self, first: int, last: int) -> None:
        """Write a range of staged rows; halve it to find the one that the database refuses."""
        try:
            async with self.connection.transaction():
                inserted, changed, recorded = await self.one(self.statements.upsert, first=first, last=last)
        except REFUSABLE as exc:
            if first == last:
                await self.refuse(first, exc)
                return
            (middle,) = await self.one(MIDDLE, first=first, last=last)
            middle = min(middle, last - 1)
            await self.upsert(first, middle)
            await self.upsert(middle + 1, last)
        else:
            self.counts.inserted += inserted
            self.counts.updated += changed - inserted
            self.counts.recorded += recorded

    async def refuse(self, staged_id: int, exc: psycopg.Error) -> None:
        self.isolated += 1
        if self.isolated > ISOLATED:
            raise TooManyRefused(f"the database refuses more than {ISOLATED} rows, the last one: {told(exc)}") from exc
        rule = exc.diag.constraint_name or "the database must accept the row"
        cursor = await self.connection.execute(REFUSE, [rule, legible(told(exc)), staged_id])
        for scope, key in await cursor.fetchall():
            self.problems.add(Found(scope, self.statements.table.kind, key, rule, told(exc)), rows=1)

    async def relink(self) -> None:
        table = self.statements.table
        for reference in table.references:
            if reference.kind == table.kind:
                await self.affected(self.statements.relink(reference))

    async def one(self, statement: str, **more: int) -> tuple[Any, ...]:
        row = await (await self.connection.execute(statement, {**self.parameters, **more})).fetchone()
        if row is None:
            raise AssertionError("an aggregate gave no row")
        return tuple(row)

    async def affected(self, statement: str) -> int:
        return (await self.connection.execute(statement, self.parameters)).rowcount


def told(exc: psycopg.Error) -> str:
    """What PostgreSQL says is wrong, in one line."""
    return " ".join(part for part in (exc.diag.message_primary, exc.diag.message_detail) if part) or type(exc).__name__
