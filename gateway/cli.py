"""The command line: ``larder COMMAND``."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from gateway.commands import (
    check,
    dev,
    document_budget,
    document_usage,
    documents,
    init,
    keys,
    manage,
    migrate,
    plan,
    schema,
    serve,
    simulate,
    sync,
    track_heads,
    worker,
)
from gateway.errors import GatewayError
from gateway.projects import enter_project

app = typer.Typer(
    name="larder",
    help="A GraphQL read gateway over a store that is synced from supplier APIs.",
    epilog="Settings come from the environment: see docs/configuration.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(init.init)
app.command()(check.check)
app.command()(dev.dev)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(simulate.simulate)
app.command()(migrate.migrate)
app.add_typer(sync.app, name="sync")
documents.app.command()(document_budget.budget)
documents.app.command()(document_usage.usage)
documents.app.command()(document_usage.prune)
app.add_typer(documents.app, name="documents")
app.add_typer(keys.app, name="keys")
app.add_typer(schema.app, name="schema")
app.add_typer(plan.app, name="plan")
app.add_typer(track_heads.app, name="track-heads")
app.command(add_help_option=False, context_settings=manage.PASS_ON)(manage.manage)


def main() -> None:
    """Run the command; an error that an operator can mend is one line on stderr and its exit code."""
    try:
        enter_project(Path.cwd())
        app()
    except GatewayError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line speaks
        sys.exit(error.exit_code)
