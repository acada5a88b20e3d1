"""``larder sync``: the runs that there were, and what an operator decides about them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands.sync_sources import chosen, synced_store
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from sync.decisions import Decidable
    from sync.runs import RunReport
    from sync.settings import SourceSettings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as is done wherever the output is no terminal.")]
RunId = Annotated[int, typer.Argument(metavar="RUN", help="Number of the run.")]
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")]
StreamName = Annotated[str, typer.Argument(metavar="STREAM", help="Name of its stream.")]
OfSource = Annotated[str | None, typer.Argument(metavar="SOURCE", help="Only this source.")]

RUN_COLUMNS = {
    "run": "run",
    "source": "source",
    "stream": "stream",
    "state": "state",
    "decision": "decision",
    "trigger": "trigger",
    "started": "started_at",
    "inserted": "inserted",
    "updated": "updated",
    "deleted": "deleted",
    "refused": "quarantined",
    "error": "error",
}
QUARANTINE_COLUMNS = {
    "source": "source",
    "kind": "kind",
    "key": "key",
    "rule": "rule",
    "value": "value",
    "since": "since",
    "run": "run_id",
    "accepted": "accepted",
}


def runs(
    source: OfSource = None,
    *,
    stream: Annotated[str | None, typer.Option(help="Only this stream.")] = None,
    state: Annotated[str | None, typer.Option(help="Only runs in this state, such as FAILED.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only those that wait for a decision.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    json: AsJson = False,
) -> None:
    """List the latest runs, the newest first."""
    with synced_store():
        from gateway.reports.tables import print_records, wants_json
        from sync.history import list_runs

        asked = {"stream": stream, "state": state.upper() if state else None, "undecided": held, "limit": limit}
        found = asyncio.run(list_runs(list(chosen(source)), **asked))  # type: ignore[arg-type]
        print_records(found, RUN_COLUMNS, as_json=wants_json(json))


def show(run: RunId, *, json: AsJson = False) -> None:
    """Show what a run did, held back and refused. Tells which answers are kept of it, too."""
    with synced_store():
        from gateway.reports.runs import print_detail
        from gateway.reports.tables import print_json, wants_json
        from sync.history import show_run

        detail = asyncio.run(show_run(run))
        if wants_json(json):
            print_json(detail)
        else:
            print_detail(detail)


def approve(run: RunId) -> None:
    """Publish what a run holds back. It is read from what the supplier answered then."""
    decide(run, "approve")


def replay(run: RunId) -> None:
    """Do a run again, guards and all. It is read from what the supplier answered then."""
    decide(run, "replay")


def reject(run: RunId) -> None:
    """Keep the store as it is. It stays so when the supplier says exactly the same again."""
    with synced_store():
        from sync.decisions import find_run
        from sync.decisions import reject as rejected

        async def decided() -> None:
            await rejected(await find_run(run))

        asyncio.run(decided())
        typer.echo(f"run {run} is rejected")


def pin(
    source: SourceName,
    stream: StreamName,
    run: Annotated[int | None, typer.Argument(metavar="RUN", help="Go back to what this run published.")] = None,
) -> None:
    """Keep a stream as it is, or as an earlier run left it. It stays so until it is released."""
    with synced_store():
        from gateway.reports.runs import print_report
        from sync.decisions import find_run
        from sync.decisions import pin as pinned
        from sync.runs import State

        settings = declared(source, stream)

        async def decided() -> RunReport | None:
            return await pinned(settings, stream, await find_run(run) if run is not None else None)

        report = asyncio.run(decided())
        if report is not None:
            print_report(report)
        if report is not None and report.state is not State.PUBLISHED:
            raise typer.Exit(1)
        typer.echo(f"{source}/{stream} is pinned")


def release(source: SourceName, stream: StreamName) -> None:
    """Let a pinned stream go on. Its next run asks the supplier for everything."""
    with synced_store():
        from sync.decisions import release as released

        asyncio.run(released(declared(source, stream), stream))
        typer.echo(f"{source}/{stream} goes on")


def quarantine(
    source: OfSource = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    json: AsJson = False,
) -> None:
    """List the rows that the store refuses at present. An older version of each stands in the store, or none."""
    with synced_store():
        from gateway.reports.tables import print_records, wants_json
        from sync.quarantine import list_quarantine

        rows, count = asyncio.run(list_quarantine(list(chosen(source)), limit))
        print_records(rows, QUARANTINE_COLUMNS, as_json=wants_json(json))
        if count > len(rows):
            typer.echo(f"{len(rows)} of {count}: --limit shows more", err=True)


def accept(
    source: SourceName,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Kind of the row, such as offer.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The supplier's key for it.")],
) -> None:
    """Let the next run take a row exactly as a guard refuses it now."""
    with synced_store():
        from sync.quarantine import accept as accepted

        chosen(source)
        asyncio.run(accepted(source, kind, key))
        typer.echo(f"{source} {kind} {key}: the next run takes it")


def decide(run: int, how: str) -> None:
    """Do a run again in one of the ways of ``sync.decisions``. Exit code 1 unless it was published."""
    with synced_store():
        from gateway.reports.runs import print_report
        from sync import decisions
        from sync.runs import State

        again: Callable[[SourceSettings, Decidable], Awaitable[RunReport]] = getattr(decisions, how)

        async def decided() -> RunReport:
            found = await decisions.find_run(run)
            return await again(declared(found.source, found.stream), found)

        report = asyncio.run(decided())
        print_report(report)
        if report.state is not State.PUBLISHED:
            raise typer.Exit(1)


def declared(source: str, stream: str) -> SourceSettings:
    """The settings of a source that has the stream. Raises ``GatewayError``."""
    from sync.sources import streams_of

    settings = chosen(source)[source]
    if stream not in streams_of(settings):
        raise GatewayError(f"{source} has no stream {stream!r}; there are: {', '.join(streams_of(settings))}")
    return settings


COMMANDS: tuple[Callable[..., Any], ...] = (
    runs,
    show,
    approve,
    reject,
    replay,
    pin,
    release,
    quarantine,
    accept,
)
