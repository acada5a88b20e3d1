"""SPARSE scopes: the rows that the supplier is silent about get the target's default."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import psycopg
from django.db.models import QuerySet

from sync.problems import Found
from sync.protocol import Malformed, Record
from sync.scopes import Scope
from sync.staging import Stager
from sync.tables import TargetTable
from sync.targets import Population, Refused

Said = dict[str, Any] | Refused


class SparseRecords:
    """The records of SPARSE scopes, held back until the rows that they are exceptions to are known."""

    def __init__(self, stager: Stager) -> None:
        self.stager = stager
        self.said: dict[tuple[str, str], dict[str, Said]] = defaultdict(dict)

    def take(self, event: Record | Malformed) -> None:
        """Note what the supplier said about one key. Two contradicting records of a key are refused both."""
        key, said = event.key or "", self.read(event)
        known = self.said[event.scope, event.kind]
        if key in known and known[key] != said:
            said = known[key] if isinstance(known[key], Refused) else Refused("records of one key must agree", key)
        known[key] = said

    def read(self, event: Record | Malformed) -> Said:
        """The row, or why there is none."""
        if isinstance(event, Malformed):
            return Refused(event.rule, event.value)
        try:
            return self.stager.row(event)
        except Refused as exc:
            return exc

    async def expand(self, connection: psycopg.AsyncConnection[Any], scope: Scope, now: datetime) -> None:
        """Stage a row for each member of the scope's populations: what was said about it, else the default."""
        for table in self.stager.tables.values():
            if table.target.population:
                await self._expand(connection, scope, table, table.target.population, scope.as_of or now)

    async def _expand(
        self,
        connection: psycopg.AsyncConnection[Any],
        scope: Scope,
        table: TargetTable,
        population: Population,
        as_of: datetime,
    ) -> None:
        said = self.said.pop((scope.name, table.kind), {})
        silent = set(said)
        confirms = scope.begin.confirms
        rows = population.rows(self.stager.source, scope.name, as_of)
        for member in await fetched(connection, rows):
            match = member["match"]
            silent.discard(match)
            spoken = said.get(match, {})
            if isinstance(spoken, Refused):
                await self.stager.refused(scope.name, confirms, table.kind, member["key"], spoken)
                continue
            references = {name: member[f"{name}_key"] for name in population.columns}
            row = {**population.default, **spoken, **references}
            await self.stager.row_of(scope.name, confirms, table.kind, member["key"], row)
        for key in sorted(silent):
            rule = "a record must be about something that is on offer"
            self.stager.problems.add(Found(scope.name, table.kind, key, rule, key), rows=1)


async def fetched(
    connection: psycopg.AsyncConnection[Any], rows: QuerySet[Any, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of a queryset of values, without Django's own connection."""
    text, parameters = rows.query.get_compiler("default").as_sql()
    cursor = await connection.execute(text, parameters)
    names = [described.name for described in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
