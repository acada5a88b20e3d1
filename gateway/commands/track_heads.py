"""``larder track-heads``: tables of other apps whose changes the cache has to learn of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gateway.stores import open_store

if TYPE_CHECKING:
    from gateway.delivery.tables import Untracked

app = typer.Typer(
    help="Tables of other apps whose changes the caches have to learn of.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def check() -> None:
    """List the tables that the served schema reads and whose changes move no head. Exit code 1 if there are any."""
    with open_store():
        found = untracked_tables()
    for each in found:
        what = "is not tracked" if each.trackable else "is a view or foreign table: it cannot be tracked"
        typer.echo(f"{each.table} {what} (read by {each.field})")
    raise typer.Exit(bool(found))


@app.command("print")
def print_migration() -> None:
    """Print a migration that tracks them, join tables of many-to-many relations included."""
    with open_store():
        from gateway.delivery.tables import migration

        found = untracked_tables()
    if any(each.trackable for each in found):
        typer.echo(migration(found))
    else:
        typer.echo("every table is tracked", err=True)


def untracked_tables() -> list[Untracked]:
    """Those of the served schema, in the open store."""
    from django.db import connection

    from gateway.delivery.tables import untracked
    from gateway.schemas import served_schema

    with connection.cursor() as cursor:
        return untracked(served_schema(), cursor)
