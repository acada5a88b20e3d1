"""Tries the streams of declared sources one after another, and reports each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from gateway.errors import GatewayError
from gateway.reports.check import print_rehearsed, print_verdict
from gateway.reports.toml_places import located
from sync.connections import connect
from sync.documents import limits_of, open_documents
from sync.errors import SettingsError, SyncError
from sync.politeness.memory import MemoryAllowances
from sync.rehearsal import Rehearsal, Rehearsed
from sync.settings import SourceSettings
from sync.sources import source_kind
from sync.tables import tables_of
from sync.targets import TargetSet, installed_targets

STORE_SECONDS = 3


async def check_sources(
    console: Console, file: Path, sources: Sequence[SourceSettings], stream: str | None, limit: int
) -> bool:
    """Try ``stream``, or every stream, of ``sources``; print what each would write. Whether all of it is well."""
    targets = installed_targets()
    rehearsed: list[Rehearsed] = []
    faults = 0
    async with store(targets) as connection:
        for settings in sources:
            rehearsal = Rehearsal(settings.name, connection)
            allowances = MemoryAllowances()
            try:
                for name in chosen(settings, stream):
                    found = await rehearse(settings, name, rehearsal, allowances, targets)
                    print_rehearsed(console, found, limit, compared=connection is not None)
                    rehearsed.append(found)
            except SettingsError as exc:
                console.print(f"error: {located(file, exc)}")
                faults += 1
            except SyncError as exc:
                console.print(f"error: {settings.name}: {type(exc).__name__}: {exc}")
                faults += 1
    print_verdict(console, rehearsed, faults)
    return not faults and all(found.well for found in rehearsed)


def chosen(settings: SourceSettings, stream: str | None) -> list[str]:
    """The streams to try. Raises ``SettingsError``, and ``GatewayError`` for one that does not exist."""
    streams = list(source_kind(settings).streams(settings))
    if stream is not None and stream not in streams:
        raise GatewayError(f"{settings.name} has no stream {stream!r}; there are: {', '.join(streams)}")
    return [name for name in streams if stream in {None, name}]


async def rehearse(
    settings: SourceSettings, stream: str, rehearsal: Rehearsal, allowances: MemoryAllowances, targets: TargetSet
) -> Rehearsed:
    """One stream, asked for as politely as a run would. Raises ``SyncError``."""
    kind = source_kind(settings)
    tables = tables_of(targets, kind.streams(settings)[stream].concerns)
    reader = kind.open(settings)
    limits = limits_of(settings, kind.limits)
    async with open_documents(settings, limits, allowances, addresses=kind.addresses(settings)) as documents:
        return await rehearsal.of(stream, reader, documents, tables)


@asynccontextmanager
async def store(targets: TargetSet) -> AsyncIterator[psycopg.AsyncConnection[Any] | None]:
    """A connection to the store that writes nothing; None when there is none, or its tables are not there."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            connection = await connect()
    except (psycopg.Error, TimeoutError, OSError):
        yield None
        return
    async with connection:
        try:
            await connection.execute("SET default_transaction_read_only = on")
            for target in targets.targets:
                await connection.execute(f"SELECT FROM {target.model._meta.db_table} LIMIT 0")
        except psycopg.Error:
            yield None
        else:
            yield connection
