"""One run under its lease: fetch and stage (T1), validate (T2), publish (T3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from sync.builds import mapping_fingerprint
from sync.confirmations import apply_thresholds
from sync.connections import connect
from sync.documents import Documents, Recorded, limits_of, open_documents
from sync.guards.holds import Hold
from sync.guards.rules import OFF, guards_of
from sync.intake import Intake, RunFailed
from sync.judging import Judge, Verdict
from sync.leases import Lease
from sync.politeness.store import StoreAllowances
from sync.problems import Found, Problems
from sync.publish import HeldBack, Publication, publish
from sync.recording import Recorder, Recording, Replay
from sync.repeats import read_told
from sync.runs import RunReport, State, close_run, move
from sync.settings import SourceSettings
from sync.sources import source_kind
from sync.staging import Stager
from sync.tables import tables_of
from sync.targets import installed_targets
from sync.validation import staged_digest
from sync.webhooks.inbox import Waiting, waiting


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: documents answered, rows staged."""

    documents: int
    staged: int


def ignore(_: Progress) -> None:
    """Tell nobody."""


class Run:
    """One run of one stream, under its lease."""

    def __init__(
        self,
        settings: SourceSettings,
        stream: str,
        lease: Lease,
        run_id: int,
        recorder: Recorder,
        replay: Replay | None = None,
    ) -> None:
        self.stream = stream
        self.lease = lease
        self.replay = replay
        self.heard_at = replay.started_at if replay else lease.started_at
        self.targets = installed_targets()
        self.kind = source_kind(settings)
        self.settings = replace(settings, slos={**self.kind.slos, **settings.slos})
        self.concerns = self.kind.streams(settings)[stream].concerns
        self.tables = tables_of(self.targets, self.concerns)
        self.guards = OFF if replay and replay.waived else guards_of(settings)
        self.problems = Problems()
        self.recorder = recorder
        self.waiting = Waiting()
        self.report = RunReport(settings.name, stream, run_id, State.FETCHING, lease.started_at)

    async def go(self, connection: psycopg.AsyncConnection[Any], progress: Callable[[Progress], None]) -> RunReport:
        """Do all of it. Raises what went wrong; nothing of the store has changed then."""
        await apply_thresholds(connection, self.settings, self.concerns)
        intake = await self.intake(connection)
        try:
            await self.fetch(intake, connection, progress)
        finally:
            self.count(intake)
        await move(connection, self.report.run_id, State.STAGED)
        verdict = await self.judge(connection).verdict(intake)
        self.count(intake)
        if verdict.stopped:
            return await self.hold(connection, verdict.holds)
        await move(connection, self.report.run_id, State.VALIDATED)
        self.report = replace(self.report, holds=verdict.holds)
        for hold in verdict.holds:
            self.problems.add(Found(hold.unit or "", "guard", None, hold.rule, hold.value))
        try:
            report = await publish(connection, self.publication(verdict, intake), self.report, self.problems)
        except HeldBack as exc:
            digest = await staged_digest(connection, self.report.run_id)
            return await self.hold(connection, [replace(hold, digest=digest) for hold in exc.holds])
        return report

    async def intake(self, connection: psycopg.AsyncConnection[Any]) -> Intake:
        told = await read_told(connection, self.settings.name, self.stream)
        tables = {table.kind: table for table in self.tables}
        stager = Stager(connection, self.report.run_id, self.settings.name, tables, self.problems)
        return Intake(stager, self.problems, mapping_fingerprint(self.targets), told)

    async def fetch(
        self, intake: Intake, connection: psycopg.AsyncConnection[Any], progress: Callable[[Progress], None]
    ) -> None:
        """T1. No transaction is open while the supplier is asked."""
        told = -1
        source = self.kind.open(self.settings)
        async with (
            await self.documents(connection) as documents,
            aclosing(source.pull(self.stream, self.lease.cursor, documents)) as events,
        ):
            async for event in events:
                self.lease.check()
                await intake.take(event)
                if len(intake.heard.documents) != told:
                    told = len(intake.heard.documents)
                    progress(Progress(told, intake.rows))
        heard = intake.heard
        if heard.failed and not any(unit.heard and not unit.failed for unit in heard.units.values()):
            raise RunFailed(f"none of {len(heard.failed)} documents could be had{first_of(self.problems)}")
        if self.replay and self.replay.whole and not heard.whole:
            raise RunFailed("a run to go back to must have said everything there is, in full")

    async def documents(self, connection: psycopg.AsyncConnection[Any]) -> Documents:
        """The way to the supplier, or to what it answered once."""
        name, limits = self.settings.name, limits_of(self.settings, self.kind.limits)
        if self.replay is None:
            self.waiting = await waiting(connection, name, self.stream)
            await self.recorder.pushed(self.waiting.pushes)
            return open_documents(
                self.settings,
                limits,
                StoreAllowances(name),
                pushed=self.waiting.pushes,
                now=self.heard_at,
                recorder=self.recorder,
                addresses=self.kind.addresses(self.settings),
            )
        recording = Recording(self.recorder.connection, self.replay.run_id)
        pushes = await recording.pushes()
        await self.recorder.pushed(pushes)
        transport = Recorded(recording)
        return Documents(
            self.settings.url, limits, pushes, transport=transport, now=self.heard_at, recorder=self.recorder
        )

    def judge(self, connection: psycopg.AsyncConnection[Any]) -> Judge:
        return Judge(
            connection,
            run_id=self.report.run_id,
            source=self.settings.name,
            tables=self.tables,
            guards=self.guards,
            said=self.lease.held,
            at=self.heard_at,
        )

    def publication(self, verdict: Verdict, intake: Intake) -> Publication:
        return Publication(
            settings=self.settings,
            source_model=self.targets.source_model,
            concerns=self.concerns,
            tables=self.tables,
            derived=[one for one in self.targets.derived if set(one.kinds) & {table.kind for table in self.tables}],
            lease=self.lease,
            units=verdict.units,
            holds=verdict.holds,
            recorder=self.recorder,
            contradicted=verdict.contradicted,
            seen=self.waiting.ids,
            confirmed_at=self.heard_at,
            most_refused=self.guards.quarantine,
            fields=intake.stager.fields,
        )

    async def hold(self, connection: psycopg.AsyncConnection[Any], holds: Sequence[Hold]) -> RunReport:
        """Close the run without having changed the store: an operator decides."""
        for hold in holds:
            self.problems.add(Found(hold.unit or "", "guard", None, hold.rule, hold.value))
        report = replace(self.outcome(State.HELD), holds=tuple(holds))
        async with connection.transaction():
            await self.lease.lock(connection)
            await close_run(connection, report, self.problems, self.recorder)
        return report

    async def give_up(self, state: State, error: str) -> RunReport:
        """Close the run without having changed the store, on a connection that nothing has happened to."""
        report = replace(self.outcome(state), error=error)
        async with await connect() as connection, connection.transaction():
            await close_run(connection, report, self.problems, self.recorder)
        return report

    def outcome(self, state: State) -> RunReport:
        return replace(self.report, state=state, quarantined=self.problems.rows, problems=tuple(self.problems.found))

    def count(self, intake: Intake) -> None:
        heard = intake.heard
        self.report = replace(
            self.report,
            as_of=heard.as_of,
            documents=len(heard.documents),
            unchanged_documents=len(heard.unchanged),
            failed_documents=len(heard.failed),
            staged=intake.rows,
        )


def first_of(problems: Problems) -> str:
    """The first problem, to say beside how many there are."""
    found = problems.found[0] if problems.found else None
    return f", the first one {found.key}: {found.rule}: {found.value}" if found else ""
