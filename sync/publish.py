"""T3: everything that a run brought, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import models

from sync.confirmations import confirm, ensure_confirmations
from sync.cursors import refusing_scopes, remember
from sync.derived import derive
from sync.guards.holds import Hold, quarantine_hold
from sync.heads import bump_heads
from sync.leases import Lease
from sync.merge import Counts, Merge
from sync.problems import Problems
from sync.quarantine import keep_quarantine
from sync.recording import Recorder
from sync.repeats import Written, check_standing, keep_told, repeated
from sync.runs import RunReport, State, close_run
from sync.scopes import Scope, Unit
from sync.settings import SourceSettings
from sync.statements import Statements
from sync.tables import TargetTable
from sync.targets import Derived
from sync.webhooks.inbox import settle

SILENCE_TRIGGERS = "SET LOCAL larder.publishing = 'on'"
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('larder publish ' || %s, 0))"
CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"


class HeldBack(Exception):
    """An operator has to look at it first."""

    def __init__(self, holds: Sequence[Hold]) -> None:
        super().__init__("; ".join(f"{hold.rule}: {hold.value}" for hold in holds))
        self.holds = holds


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published: the ``units`` whose documents were had and that no guard holds, and ``holds`` beside.

    ``contradicted``: records of one key disagreed. ``confirmed_at``: when the supplier was asked. ``most_refused``: the
    share of its rows that may turn out to be refused. ``seen``: ids of deliveries that the run has seen.
    """

    settings: SourceSettings
    source_model: type[models.Model] | None
    concerns: Sequence[str]
    tables: Sequence[TargetTable]
    derived: Sequence[Derived]
    lease: Lease
    units: Sequence[Unit]
    holds: Sequence[Hold]
    recorder: Recorder
    contradicted: bool
    confirmed_at: datetime
    most_refused: float | None = None
    seen: Sequence[int] = ()
    fields: dict[str, set[str]] = field(default_factory=dict)

    @property
    def complete(self) -> list[Unit]:
        """The units that are confirmed: heard of, and nothing of them is missing."""
        return [unit for unit in self.units if unit.heard and unit.complete]

    def check(self, report: RunReport, problems: Problems) -> None:
        """Raises ``HeldBack`` when the share of refused rows is too large, now that PostgreSQL has seen them too."""
        if holds := quarantine_hold(
            problems.rows - problems.following, max(report.staged, problems.rows), self.most_refused
        ):
            raise HeldBack(holds)

    def said_in_full(self, refusing: Collection[str]) -> list[Scope]:
        """The scopes of which every record is in the store from now on."""
        found = (scope for unit in self.complete for scope in unit.scopes if scope.digest and not scope.repeated)
        return [] if self.contradicted else [scope for scope in found if scope.name not in refusing]

    def scopes(self, *, keyless: bool) -> list[str]:
        """Names of the scopes that told of everything; absence acts in those that are not ``keyless``."""
        found = (scope for unit in self.units for scope in unit.scopes if scope.decisive)
        return [scope.name for scope in found if scope.keyless is keyless]


async def publish(
    connection: psycopg.AsyncConnection[Any], publication: Publication, report: RunReport, problems: Problems
) -> RunReport:
    """Publish, and close the run in the same transaction.

    The publishes of one source happen one after another. Raises ``LeaseLost`` when a newer fence exists, ``HeldBack``
    when too many rows turn out to be refused, ``Overtaken`` when somebody changed what the run found unchanged.
    """
    lease, settings, concerns = publication.lease, publication.settings, publication.concerns
    scopes, keyless = publication.scopes(keyless=False), publication.scopes(keyless=True)
    parameters = {
        "source": settings.name,
        "run": report.run_id,
        "at": lease.started_at,
        "scopes": scopes,
        "keyless": keyless,
    }
    heads: list[str] = []
    async with connection.transaction():
        await lease.lock(connection)
        await connection.execute(TAKE_TURNS, [settings.name])
        await check_standing(connection, settings.name, report.stream, repeated(publication.units))
        await connection.execute(SILENCE_TRIGGERS)
        await connection.execute(CHECK_AT_ONCE)
        if publication.source_model is not None:
            heads += await write_source(connection, settings, publication.source_model)
        told = [unit for unit in publication.units if unit.scopes]
        heads += await ensure_confirmations(connection, settings, concerns, told)
        changes = Counts()
        changed: set[str] = set()
        deleted: set[str] = set()
        for table in publication.tables:
            statements = Statements(table, publication.fields.get(table.kind, set()))
            counts = await Merge(connection, statements, parameters, problems).run()
            heads += [table.target.head_name] if counts else []
            heads += [table.history.table] if table.history and counts.recorded else []
            changed |= {table.table} if counts else set()
            deleted |= {table.table} if counts.deleted else set()
            changes += counts
        publication.check(report, problems)
        heads += await derive(connection, publication.derived, parameters)
        heads += await ensure_confirmations(connection, settings, concerns, publication.complete)
        heads += await confirm(connection, settings.name, concerns, publication.complete, publication.confirmed_at)
        kinds = [table.kind for table in publication.tables]
        await keep_quarantine(connection, report.run_id, settings.name, kinds, scopes, lease.started_at)
        await settle(connection, publication.seen)
        refusing = await refusing_scopes(connection, report.run_id)
        await remember(connection, lease, publication.units, publication.holds, refusing)
        await keep_told(
            connection,
            settings.name,
            report.stream,
            publication.tables,
            Written(changed, deleted),
            stand=() if publication.contradicted else repeated(publication.units),
            new=publication.said_in_full(refusing),
        )
        report = replace(
            report,
            state=State.HELD if publication.holds and not changes.rows else State.PUBLISHED,
            inserted=changes.inserted,
            updated=changes.updated,
            deleted=changes.deleted,
            confirmed=len(publication.complete),
            quarantined=problems.rows,
            problems=tuple(problems.found),
        )
        await close_run(connection, report, problems, publication.recorder)
        await bump_heads(connection, heads)
    return report


async def write_source(
    connection: psycopg.AsyncConnection[Any], settings: SourceSettings, model: type[models.Model]
) -> list[str]:
    """Keep the row that published rows belong to. Returns the heads to bump."""
    table = model._meta.db_table
    address = urlsplit(settings.url)
    account = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    written = await connection.execute(
        f"""INSERT INTO {table} AS t (name, kind, account) VALUES (%s, %s, %s)
        ON CONFLICT (name) DO UPDATE SET kind = EXCLUDED.kind, account = EXCLUDED.account
        WHERE (t.kind, t.account) <> (EXCLUDED.kind, EXCLUDED.account)""",
        [settings.name, settings.kind, account],
    )
    return [table] if written.rowcount else []
