"""``larder sync``: pulls the suppliers' data now, and tells how the pulling goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import ConfigError, GatewayError
from gateway.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.settings import SourceSettings

app = typer.Typer(
    help="Pull from the suppliers, or see how the pulling goes.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def run(source: Annotated[str | None, typer.Argument(help="Only this source.")] = None) -> None:
    """Run every stream of every source once, now. Exit code 1 if one of the runs failed."""
    with open_store():
        from gateway.reports.runs import run_all

        if not asyncio.run(run_all(chosen(source))):
            raise typer.Exit(1)


@app.command()
def status() -> None:
    """Show, for each stream, its last run and how old the store's data are."""
    with open_store():
        from gateway.reports.status import print_status
        from sync.status import read_status

        print_status(asyncio.run(read_status(chosen(None).values())))


def chosen(name: str | None) -> Mapping[str, SourceSettings]:
    """The declared sources, or the one called ``name``. Raises ``ConfigError`` for one that cannot be read."""
    from django.conf import settings

    from sync.errors import SettingsError
    from sync.sources import source_kind

    sources: Mapping[str, SourceSettings] = settings.LARDER_SOURCES
    if name is not None and name not in sources:
        raise GatewayError(f"no source is called {name!r}; there are: {', '.join(sources)}")
    picked = {name: sources[name]} if name is not None else sources
    try:
        for source in picked.values():
            source_kind(source)
    except SettingsError as exc:
        raise ConfigError("LARDER_SOURCES", str(exc)) from exc
    return picked
