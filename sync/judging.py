"""T2: what of a run may be published, what is held back, and whom that waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg

from sync.guards.holds import Hold, WaitsFor, disagreed, location_holds, quarantine_hold, source_hold
from sync.guards.losses import losses
from sync.guards.moves import refuse_moves
from sync.guards.overlaps import refuse_overlaps
from sync.guards.rules import Guards
from sync.intake import Intake
from sync.protocol import Mode
from sync.repeats import refuse_strays, repeated
from sync.scopes import Unit
from sync.tables import TargetTable
from sync.validation import drop_units, settle_repeated_keys, staged_digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """``units`` may be published; ``holds`` are what is held back beside them.

    contradicted: records of one key disagreed somewhere.
    """

    units: tuple[Unit, ...]
    holds: tuple[Hold, ...]
    contradicted: bool

    @property
    def stopped(self) -> bool:
        """Whether an operator has to look at the run before anything of it is published."""
        return any(hold.waits_for is WaitsFor.OPERATOR for hold in self.holds)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one run's staged rows. ``said``: unit -> digest of what an earlier run announced; ``at``: its start."""

    connection: psycopg.AsyncConnection[Any]
    run_id: int
    source: str
    tables: Sequence[TargetTable]
    guards: Guards
    said: Mapping[str, str]
    at: datetime

    async def verdict(self, intake: Intake) -> Verdict:
        """Settle what contradicts itself, refuse what leaps, weigh what is lost."""
        connection, run_id, problems = self.connection, self.run_id, intake.problems
        units = [unit for unit in intake.heard.units.values() if not unit.failed]
        for scope in (scope for unit in units for scope in unit.scopes):
            if scope.begin.mode is Mode.SPARSE and scope.complete and not scope.keyless:
                await intake.sparse.expand(connection, scope, self.at)
        await intake.finish()
        await drop_units(connection, run_id, [unit.name for unit in intake.heard.units.values() if unit.failed])
        contradicted = await settle_repeated_keys(connection, run_id, problems)
        contradicted |= await refuse_strays(connection, run_id, self.source, self.tables, repeated(units), problems)
        await refuse_overlaps(connection, run_id, self.source, self.tables, problems)
        await refuse_moves(connection, run_id, self.source, self.tables, self.guards.price_factor, problems)
        holds = await self.holds(units, problems.rows, max(intake.rows, problems.rows))
        held = {hold.unit for hold in holds if hold.unit is not None}
        await drop_units(connection, run_id, sorted(held))
        return Verdict(tuple(unit for unit in units if unit.name not in held), tuple(holds), contradicted)

    async def holds(self, units: Sequence[Unit], refused: int, rows: int) -> list[Hold]:
        """What the guards hold back; the whole run comes first."""
        guards = self.guards
        lost = await losses(self.connection, self.run_id, self.source, self.tables, units)
        stops = [
            *source_hold(lost.found, lost.live, guards.source_loss),
            *quarantine_hold(refused, rows, guards.quarantine),
        ]
        if stops:
            digest = await staged_digest(self.connection, self.run_id)
            return [replace(stop, digest=digest) for stop in stops]
        return disagreed(location_holds(lost.found, guards.location_loss), self.said)
