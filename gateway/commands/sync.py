"""``larder sync``: pulls the suppliers' data now, tells how the pulling goes, and lets operators decide."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from gateway.commands.sync_check import check
from gateway.commands.sync_decisions import COMMANDS
from gateway.commands.sync_sources import chosen, synced_store

app = typer.Typer(
    help="Pull from the suppliers. See how that goes, decide about what is held back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def run(source: Annotated[str | None, typer.Argument(help="Only this source.")] = None) -> None:
    """Run every stream of every source once, now. Exit code 1 if one of the runs failed."""
    with synced_store():
        from gateway.reports.runs import run_all

        if not asyncio.run(run_all(chosen(source))):
            raise typer.Exit(1)


@app.command()
def status() -> None:
    """Show each stream's last run, and how old its data are."""
    with synced_store():
        from gateway.reports.status import print_status
        from sync.status import read_status

        print_status(asyncio.run(read_status(chosen(None).values())))


for command in (check, *COMMANDS):
    app.command()(command)
