"""``larder sync check FILE``: tries declared sources on their suppliers, and writes nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from sync.settings import SourceSettings


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file that declares sources.")],
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    stream: Annotated[str | None, typer.Option(help="Only this stream.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=1_000, help="Rows to show of each kind.")] = 5,
) -> None:
    """Show what a file of sources would write. Tells what is wrong with it; writes nothing, needs no store.

    Exit code 1 if a setting is wrong, a document could not be had, or a row would be refused.
    """
    from gateway.stores import set_up_django

    set_up_django()
    from gateway.reports.check import report_console
    from gateway.reports.checking import check_sources
    from gateway.reports.toml_places import located
    from sync.errors import SettingsError
    from sync.settings import read_sources

    try:
        sources = read_sources(file, "")
    except SettingsError as exc:
        raise GatewayError(located(file, exc)) from exc
    if not asyncio.run(check_sources(report_console(), file, picked(sources, source), stream, limit)):
        raise typer.Exit(1)


def picked(sources: dict[str, SourceSettings], name: str | None) -> list[SourceSettings]:
    """All sources, or the one called ``name``. Raises ``GatewayError``."""
    if name is not None and name not in sources:
        raise GatewayError(f"no source is called {name!r}; there are: {', '.join(sources)}")
    return [found for found in sources.values() if name in {None, found.name}]
