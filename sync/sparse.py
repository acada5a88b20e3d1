"""SPARSE scopes: the rows that the supplier is silent about get the target's default."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db.models import QuerySet

from sync.problems import Found
from sync.protocol import Malformed, Record
from sync.scopes import Scope
from sync.staging import Stager
from sync.tables import TargetTable
from sync.targets import Population, Refused, Rows

CLOCKS_DIFFER = timedelta(hours=1)
"""By so much may a supplier's clock be ahead: one that is further would take today's rows for yesterday's."""

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
                as_of = scope.as_of if scope.as_of and scope.as_of - now <= CLOCKS_DIFFER else now
                await self._expand(connection, scope, table, table.target.population, as_of)

    async def _expand(
        self,
        connection: psycopg.AsyncConnection[Any],
        scope: Scope,
        table: TargetTable,
        population: Population,
        as_of: datetime,
    ) -> None:
        said = self.said.pop((scope.name, table.kind), {})
        confirms = scope.begin.confirms
        found = await members(connection, population.rows(self.stager.source, scope.name, as_of))
        for key, (member, matches) in found.items():
            spoken = agreed([said[match] for match in matches if match in said], key)
            if isinstance(spoken, Refused):
                await self.stager.refused(scope.name, confirms, table.kind, key, spoken)
                continue
            references = {name: member[f"{name}_key"] for name in population.columns}
            row = {**population.default, **spoken, **references}
            await self.stager.row_of(scope.name, confirms, table.kind, key, row)
        for key in sorted(set(said).difference(*(matches for _, matches in found.values()))):
            rule = "a record must be about something that is on offer"
            self.stager.problems.add(Found(scope.name, table.kind, key, rule, key))


async def members(
    connection: psycopg.AsyncConnection[Any], populations: Rows | Sequence[Rows]
) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Key -> the first row of that key, and the keys by which records may name it."""
    found: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for rows in (populations,) if isinstance(populations, QuerySet) else populations:
        for member in await fetched(connection, rows):
            found.setdefault(member["key"], (member, []))[1].append(member["match"])
    return found


def agreed(said: Sequence[Said], key: str) -> Said:
    """What was said of one row under all its names; nothing where nothing was."""
    if any(one != said[0] for one in said):
        return Refused("records of one key must agree", key)
    return said[0] if said else {}


async def fetched(connection: psycopg.AsyncConnection[Any], rows: Rows) -> list[dict[str, Any]]:
    """The rows of a queryset of values, without Django's own connection."""
    text, parameters = rows.query.get_compiler("default").as_sql()
    cursor = await connection.execute(text, parameters)
    names = [described.name for described in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
