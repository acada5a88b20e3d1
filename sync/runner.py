"""A run: lease (T0), fetch and stage (T1), validate (T2), publish (T3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.conf import settings as django_settings

from sync.confirmations import apply_thresholds
from sync.connections import connect
from sync.documents import Documents, limits_of
from sync.errors import LeaseLost
from sync.guards import disagreed, heavy_losses
from sync.intake import Intake, RunFailed
from sync.leases import Lease, leased
from sync.problems import Found, Problems
from sync.protocol import Mode
from sync.publish import Publication, publish
from sync.runs import RunReport, State, close_run, move, open_run
from sync.settings import SourceSettings
from sync.sources import source_kind
from sync.staging import Stager
from sync.tables import TargetTable, tables_of
from sync.targets import TargetSet, installed_targets
from sync.validation import drop_units, settle_repeated_keys

ANALYZE_FROM = 1_000
"""Rows written from which on the planner is told."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: documents answered, rows staged."""

    documents: int
    staged: int


def ignore(_: Progress) -> None:
    """Tell nobody."""


class Run:
    """One run of one stream, under its lease."""

    def __init__(self, settings: SourceSettings, stream: str, lease: Lease, run_id: int, targets: TargetSet) -> None:
        self.settings = settings
        self.stream = stream
        self.lease = lease
        self.targets = targets
        self.kind = source_kind(settings)
        self.concerns = self.kind.streams(settings)[stream].concerns
        self.tables = tables_of(targets, self.concerns)
        self.problems = Problems()
        self.report = RunReport(settings.name, stream, run_id, State.FETCHING, lease.started_at)

    async def go(self, connection: psycopg.AsyncConnection[Any], progress: Callable[[Progress], None]) -> RunReport:
        """Do all of it. Raises what went wrong; nothing of the store has changed then."""
        await apply_thresholds(connection, self.settings, self.concerns)
        intake = self.intake(connection)
        try:
            await self.fetch(intake, progress)
        finally:
            self.count(intake)
        await move(connection, self.report.run_id, State.STAGED)
        publication = await self.validate(connection, intake)
        self.count(intake)
        await move(connection, self.report.run_id, State.VALIDATED)
        report = await publish(connection, publication, self.report, self.problems)
        await analyze(connection, report, self.tables)
        return report

    def intake(self, connection: psycopg.AsyncConnection[Any]) -> Intake:
        tables = {table.kind: table for table in self.tables}
        stager = Stager(connection, self.report.run_id, self.settings.name, tables, self.problems)
        return Intake(stager, self.problems)

    async def fetch(self, intake: Intake, progress: Callable[[Progress], None]) -> None:
        """T1. No transaction is open while the supplier is asked."""
        told = -1
        source = self.kind.open(self.settings)
        async with (
            Documents(self.settings.url, limits_of(self.settings)) as documents,
            aclosing(source.pull(self.stream, self.lease.cursor, documents)) as events,
        ):
            async for event in events:
                self.lease.check()
                await intake.take(event)
                if len(intake.heard.documents) != told:
                    told = len(intake.heard.documents)
                    progress(Progress(told, intake.stager.count))
        if intake.heard.failed and not any(unit.heard and not unit.failed for unit in intake.heard.units.values()):
            raise RunFailed(f"none of {len(intake.heard.failed)} documents could be had")

    async def validate(self, connection: psycopg.AsyncConnection[Any], intake: Intake) -> Publication:
        """T2: what may be published."""
        units = [unit for unit in intake.heard.units.values() if not unit.failed]
        for scope in (scope for unit in units for scope in unit.scopes):
            if scope.begin.mode is Mode.SPARSE and scope.complete and not scope.keyless:
                await intake.sparse.expand(connection, scope, self.lease.started_at)
        await intake.stager.finish()
        run_id, failed = self.report.run_id, [unit.name for unit in intake.heard.units.values() if unit.failed]
        await drop_units(connection, run_id, failed)
        await settle_repeated_keys(connection, run_id, self.problems)
        ratio = django_settings.LARDER_GUARD_LOSS
        heavy = await heavy_losses(connection, run_id, self.settings.name, self.tables, units, ratio)
        losses = disagreed(heavy, self.lease.held)
        for loss in losses:
            rule = f"a loss of {ratio:.0%} of what is on offer must be said twice"
            self.problems.add(Found(loss.unit, "guard", None, rule, f"{loss.lost} of {loss.live} items"))
        held = {loss.unit for loss in losses}
        await drop_units(connection, run_id, sorted(held))
        self.report = replace(self.report, held=tuple(sorted(held)))
        return Publication(
            settings=self.settings,
            source_model=self.targets.source_model,
            concerns=self.concerns,
            tables=self.tables,
            lease=self.lease,
            units=[unit for unit in units if unit.name not in held],
            losses=losses,
            fields=intake.stager.fields,
        )

    def count(self, intake: Intake) -> None:
        heard = intake.heard
        self.report = replace(
            self.report,
            as_of=heard.as_of,
            documents=len(heard.documents),
            unchanged_documents=len(heard.unchanged),
            failed_documents=len(heard.failed),
            staged=intake.stager.count,
        )


async def run_stream(settings: SourceSettings, stream: str, progress: Callable[[Progress], None] = ignore) -> RunReport:
    """Run one stream of one source now. A run that fails is reported, not raised.

    Raises ``LeaseTaken`` when another runner is at it, ``SettingsError``, and psycopg's errors when the store is away.
    """
    targets = installed_targets()
    async with leased(settings.name, stream) as lease, await connect() as connection:
        run_id = await open_run(connection, settings.name, stream, lease)
        run = Run(settings, stream, lease, run_id, targets)
        try:
            return await run.go(connection, progress)
        except LeaseLost as exc:
            return await give_up(run, State.SUPERSEDED, str(exc))
        except asyncio.CancelledError:
            await give_up(run, State.FAILED, "it was stopped")
            raise
        except Exception as exc:  # noqa: BLE001 - whatever a source does, the operator reads it in the run
            return await give_up(run, State.FAILED, reason(exc))


async def give_up(run: Run, state: State, error: str) -> RunReport:
    """Close the run without having changed the store, on a connection that nothing has happened to."""
    report = replace(
        run.report, state=state, error=error, quarantined=run.problems.rows, problems=tuple(run.problems.found)
    )
    async with await connect() as connection, connection.transaction():
        await close_run(connection, report, run.problems)
    return report


def reason(exc: Exception) -> str:
    """Why a run failed, in one line."""
    text = " ".join(str(exc).split())
    return text if isinstance(exc, RunFailed) else f"{type(exc).__name__}: {text}"


async def analyze(connection: psycopg.AsyncConnection[Any], report: RunReport, tables: list[TargetTable]) -> None:
    """Tell the planner about a large publish, so that readers need not wait for autovacuum."""
    if report.changed >= ANALYZE_FROM:
        for table in tables:
            await connection.execute(f"ANALYZE {table.table}")
