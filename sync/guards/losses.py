"""How much of what is on offer a run would take away, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from sync.identity import digest
from sync.protocol import Mode
from sync.records import ItemRecord
from sync.scopes import Unit
from sync.tables import TargetTable

LOSSES = """
WITH guarded AS (
    SELECT * FROM unnest(%(scopes)s::text[], %(units)s::text[], %(exhaustive)s::bool[])
        AS guarded (scope, unit, exhaustive)
), live AS (
    SELECT guarded.unit, count(*) AS rows, array_agg(t.external_id ORDER BY t.external_id) FILTER (
        WHERE (guarded.exhaustive AND s.key IS NULL) OR (s.key IS NOT NULL AND s.row IS NULL AND s.problem IS NULL)
    ) AS gone
    FROM guarded JOIN {table} t ON t.source = %(source)s AND t.scope = guarded.scope AND t.deleted_at IS NULL
    LEFT JOIN larder_sync_staged s ON s.run_id = %(run)s AND s.kind = %(kind)s AND s.key = t.external_id
    GROUP BY guarded.unit
), come AS (
    SELECT guarded.unit, count(*) AS rows
    FROM guarded JOIN larder_sync_staged s ON s.run_id = %(run)s AND s.kind = %(kind)s AND s.scope = guarded.scope
    LEFT JOIN {table} t ON t.source = %(source)s AND t.external_id = s.key AND t.deleted_at IS NULL
    WHERE t.external_id IS NULL AND s.row IS NOT NULL GROUP BY guarded.unit
)
SELECT live.unit, live.rows, live.gone, COALESCE(come.rows, 0) FROM live LEFT JOIN come ON come.unit = live.unit
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """``unit`` would have ``lost`` rows less than its ``live`` ones; ``digest`` names the rows that would go."""

    unit: str
    lost: int
    live: int
    digest: str


@dataclass(frozen=True, slots=True)
class Losses:
    """The units that would have less; ``live`` is unit -> guarded rows that it has now."""

    found: tuple[Loss, ...]
    live: dict[str, int]


@dataclass(slots=True)
class Weight:
    """What a unit has, gets and loses: its items, or everything where it has none."""

    of_items: bool
    live: int = 0
    come: int = 0
    gone: list[str] = field(default_factory=list)


async def losses(
    connection: psycopg.AsyncConnection[Any],
    run_id: int,
    source: str,
    tables: Sequence[TargetTable],
    units: Sequence[Unit],
) -> Losses:
    """What the units would lose of their live items in guarded scopes, by absence and by tombstones.

    A row that goes while another comes is no loss: suppliers reword. Scopes behind unchanged documents count as live.
    Where a unit has no items, all its kinds are guarded.
    """
    guarded = [(scope, unit.name, exhaustive) for unit in units for scope, exhaustive in guarded_scopes(unit)]
    found: dict[str, Weight] = {}
    if not guarded:
        return Losses((), {})
    names = {unit for _, unit, _ in guarded}
    for table in sorted(tables, key=lambda table: table.kind != ItemRecord.kind):
        if all(name in found and found[name].of_items for name in names):
            break
        parameters = {
            "scopes": [scope for scope, _, _ in guarded],
            "units": [unit for _, unit, _ in guarded],
            "exhaustive": [exhaustive for _, _, exhaustive in guarded],
            "source": source,
            "run": run_id,
            "kind": table.kind,
        }
        cursor = await connection.execute(LOSSES.format(table=table.table), parameters)
        for unit, rows, gone, new in await cursor.fetchall():
            weight = found.setdefault(unit, Weight(of_items=table.kind == ItemRecord.kind))
            if weight.of_items == (table.kind == ItemRecord.kind):
                weight.live += rows
                weight.come += new
                weight.gone.extend(f"{table.kind} {key}" for key in gone or ())
    lost = (
        Loss(unit, len(weight.gone) - weight.come, weight.live, digest(weight.gone).hex)
        for unit, weight in sorted(found.items())
        if len(weight.gone) > weight.come
    )
    return Losses(tuple(lost), {unit: weight.live for unit, weight in found.items()})


def guarded_scopes(unit: Unit) -> list[tuple[str, bool]]:
    """The unit's guarded scopes, and whether absence acts in them; where it does not, only tombstones take away."""
    opened = [
        (scope.name, scope.decisive and not scope.keyless)
        for scope in unit.scopes
        if scope.begin.guarded and scope.begin.mode is not Mode.SPARSE
    ]
    return [*opened, *((scope, False) for scope in unit.kept)]
