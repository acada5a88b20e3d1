"""T3: everything that a run brought, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import msgspec
import psycopg
from django.db import models
from psycopg.types.json import Jsonb

from sync.confirmations import confirm, ensure_confirmations
from sync.guards import Loss
from sync.heads import bump_heads
from sync.leases import Lease
from sync.merge import Merge
from sync.problems import Problems
from sync.protocol import Mode
from sync.runs import RunReport, State, close_run
from sync.scopes import Unit
from sync.settings import SourceSettings
from sync.statements import Statements
from sync.tables import TargetTable

SILENCE_TRIGGERS = "SET LOCAL larder.publishing = 'on'"
CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"
REMEMBER = "UPDATE larder_sync_stream SET {assignments} WHERE id = %(id)s"
REFUSING = "SELECT DISTINCT scope FROM larder_sync_staged WHERE run_id = %s AND problem IS NOT NULL"

EXACT = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published: the ``units`` whose documents were had and that no guard holds, and ``losses`` held."""

    settings: SourceSettings
    source_model: type[models.Model]
    concerns: Sequence[str]
    tables: Sequence[TargetTable]
    lease: Lease
    units: Sequence[Unit]
    losses: Sequence[Loss]
    fields: dict[str, set[str]] = field(default_factory=dict)

    @property
    def complete(self) -> list[Unit]:
        """The units that are confirmed: heard of, and nothing of them is missing."""
        return [unit for unit in self.units if unit.heard and unit.complete]

    def scopes(self, *, keyless: bool) -> list[str]:
        """Names of the scopes that told of everything; absence acts in those that are not ``keyless``."""
        found = (scope for unit in self.units for scope in unit.scopes if scope.exhaustive)
        return [scope.name for scope in found if scope.keyless is keyless]


async def publish(
    connection: psycopg.AsyncConnection[Any], publication: Publication, report: RunReport, problems: Problems
) -> RunReport:
    """Publish, and close the run in the same transaction. Raises ``LeaseLost`` when a newer fence exists."""
    lease, heads = publication.lease, []
    settings, concerns = publication.settings, publication.concerns
    parameters = {
        "source": settings.name,
        "run": report.run_id,
        "at": lease.started_at,
        "scopes": publication.scopes(keyless=False),
        "keyless": publication.scopes(keyless=True),
    }
    async with connection.transaction():
        await lease.lock(connection)
        await connection.execute(SILENCE_TRIGGERS)
        await connection.execute(CHECK_AT_ONCE)
        heads += await write_source(connection, settings, publication.source_model)
        told = [unit for unit in publication.units if unit.scopes]
        heads += await ensure_confirmations(connection, settings, concerns, told)
        for table in publication.tables:
            statements = Statements(table, publication.fields.get(table.kind, set()))
            counts = await Merge(connection, statements, parameters, problems).run()
            heads += [table.target.head_name] if counts else []
            heads += [table.history.table] if table.history and counts.recorded else []
            report = replace(
                report,
                inserted=report.inserted + counts.inserted,
                updated=report.updated + counts.updated,
                deleted=report.deleted + counts.deleted,
            )
        heads += await ensure_confirmations(connection, settings, concerns, publication.complete)
        heads += await confirm(connection, settings.name, concerns, publication.complete, lease.started_at)
        await remember(connection, publication, report.run_id)
        report = replace(
            report,
            state=State.HELD if publication.losses and not report.changed else State.PUBLISHED,
            confirmed=len(publication.complete),
            quarantined=problems.rows,
            problems=tuple(problems.found),
        )
        await close_run(connection, report, problems)
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


async def remember(connection: psycopg.AsyncConnection[Any], publication: Publication, run_id: int) -> None:
    """Store what the next run needs, where it changed, and give the lease back."""
    lease = publication.lease
    now = {
        "cursor": advanced(lease.cursor, publication.units, await scopes_with_refusals(connection, run_id)),
        "held": held(lease.held, publication),
    }
    changed = {name: value for name, value in now.items() if value != getattr(lease, name)}
    assignments = ["leased_until = NULL", *(f"{name} = %({name})s" for name in changed)]
    await connection.execute(
        REMEMBER.format(assignments=", ".join(assignments)),
        {"id": lease.stream_id, **{name: Jsonb(value, dumps=EXACT.encode) for name, value in changed.items()}},
    )


def advanced(before: Mapping[str, Any], units: Sequence[Unit], refusing: Collection[str]) -> dict[str, Any]:
    """The cursor for the next run; ``refusing`` are the scopes of which something was refused.

    What a snapshot said and the store does not hold must be asked for in full again: "not modified since" would be true
    and useless, whether the supplier repeats itself or takes it back.
    """
    cursor = dict(before)
    for unit in units:
        for note in unit.notes:
            snapshots = [scope for scope in note.scopes if scope.begin.mode is Mode.SNAPSHOT]
            doubtful = any(scope.keyless or scope.name in refusing for scope in snapshots)
            if unit.complete and not doubtful:
                cursor.update(note.cursor)
            elif snapshots:
                cursor.update(dict.fromkeys(note.cursor))
    return {key: value for key, value in cursor.items() if value is not None}


def held(before: Mapping[str, str], publication: Publication) -> dict[str, str]:
    """Unit to digest of what the loss guard holds back from now on."""
    settled = {unit.name for unit in publication.units if unit.complete}
    kept = {unit: digest for unit, digest in before.items() if unit not in settled}
    return {**kept, **{loss.unit: loss.digest for loss in publication.losses}}


async def scopes_with_refusals(connection: psycopg.AsyncConnection[Any], run_id: int) -> set[str]:
    """Scopes of which at least one row is not taken into the store."""
    cursor = await connection.execute(REFUSING, [run_id])
    return {scope for (scope,) in await cursor.fetchall()}
