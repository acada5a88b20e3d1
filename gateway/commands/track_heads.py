"""``larder track-heads``: tables of other apps whose changes the cache has to learn of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gateway.delivery.tables import Untracked

app = typer.Typer(
    help="Tables of other apps whose changes caches must learn of.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def check() -> None:
    """List the tables that are read and whose changes move no head. Exit code 1 if there are any."""
    from gateway.stores import open_store

    with open_store():
        found = untracked_tables()
    for each in found:
        what = "is not tracked" if each.trackable else "is a view or foreign table: it cannot be tracked"
        typer.echo(f"{each.table} {what} (read by {each.field})")
    raise typer.Exit(bool(found))


@app.command("print")
def print_migration() -> None:
    """Print a migration that tracks them. Join tables of many-to-many relations are among them."""
    from gateway.stores import open_store

    with open_store():
        from gateway.delivery.tables import migration

        found = untracked_tables()
    if any(each.trackable for each in found):
        typer.echo(migration(found))
    else:
        typer.echo("every table is tracked", err=True)


@app.command()
def make() -> None:
    """Write that migration. It goes into those of the apps that LARDER_APPS names; without it, those of this folder."""
    from gateway.stores import open_store

    with open_store() as settings:
        from gateway.delivery.tracking_migrations import apps_below, tracking_migrations

        made = list(tracking_migrations(untracked_tables(), settings.apps or apps_below(Path.cwd())))
        for each in made:
            with each.path.open("x", encoding="utf-8") as file:
                file.write(each.text)
            typer.echo(f"wrote {shown(each.path)}")
    if not made:
        typer.echo("every table is tracked", err=True)


def shown(path: Path) -> str:
    """A path as seen from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def untracked_tables() -> list[Untracked]:
    """Those of the served schema, in the open store."""
    from django.db import connection

    from gateway.delivery.tables import untracked
    from gateway.schemas import served_schema

    with connection.cursor() as cursor:
        return untracked(served_schema(), cursor)
