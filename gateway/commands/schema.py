"""``larder schema``: the GraphQL schema that is served, and what another would change."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    help="The GraphQL schema: what is served, what another changes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("print")
def print_schema() -> None:
    """Print the schema in GraphQL's schema definition language."""
    from django.utils.module_loading import import_string

    from gateway.config import config
    from gateway.stores import set_up_django

    set_up_django()
    typer.echo(import_string(config().schema_path.replace(":", ".")).as_str())


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="File with the older schema.")],
    new: Annotated[Path, typer.Argument(help="File with the newer schema.")],
    as_json: AsJson = False,
) -> None:
    """List what changes from one schema to another.

    Changes are breaking, dangerous or safe. Exit code 1 if anything breaks.
    """
    from gateway.reports.schemas import change_lines, changes_json
    from gateway.reports.tables import print_json
    from gateway.schemas import schema_in
    from persisted_queries.schema_changes import changes

    found = changes(schema_in(old), schema_in(new))
    if as_json:
        print_json(changes_json(found))
    else:
        for line in change_lines(found):
            typer.echo(line)
    raise typer.Exit(any(change.severity == "breaking" for change in found))


@app.command()
def check(
    new: Annotated[Path, typer.Argument(help="File with the schema that shall replace the served one.")],
    as_json: AsJson = False,
) -> None:
    """List another schema's breaking and dangerous changes. Tells which registered operations use what they are about.

    Exit code 1 if a registered operation breaks; `larder documents check` tells why, operation by operation.
    """
    from gateway.reports.schemas import change_lines, changes_json
    from gateway.reports.tables import print_json
    from gateway.schemas import schema_in
    from gateway.stores import open_store

    candidate = schema_in(new)
    with open_store() as settings:
        from gateway.registries import connected
        from gateway.schemas import served_schema
        from persisted_queries.checking import check

        served = served_schema()
        report = asyncio.run(connected(settings, lambda connection: check(connection, served, candidate)))
    if as_json:
        print_json(changes_json(report.changes, report))
    else:
        for line in change_lines(report.changes, report):
            typer.echo(line)
    raise typer.Exit(bool(report.broken))
