"""``python -m benchmarks``: measures the read path beside its limits. docs/benchmarks.md says how to read it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.store import open_store

OUTPUT = Path(__file__).parent / "results"


def main(
    operations: Annotated[str, typer.Option(help="Which of A,B,C,D.")] = "A,B,C,D",
    contestants: Annotated[str, typer.Option(help="Which contestants, by name, with commas; default: all.")] = "",
    rounds: Annotated[int, typer.Option(min=1, help="Rounds with one request at a time.")] = 30,
    locations: Annotated[int, typer.Option(min=60, help="Locations of 80 items.")] = 2000,
    connections: Annotated[int, typer.Option(min=1, help="Connections of every contestant.")] = 3,
    at_once: Annotated[int, typer.Option(min=1, help="Requests in flight in a burst; 1: no bursts.")] = 64,
    quick: Annotated[bool, typer.Option("--quick", help="200 locations, 5 rounds, 50 operations compiled.")] = False,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench.")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where the results go.")] = OUTPUT / "results.json",
    plot: Annotated[Path, typer.Option(help="Where the drawing goes (SVG).")] = OUTPUT / "results.svg",
) -> None:
    """Measure, print tables, write JSON and a drawing."""
    console = Console(width=None if Console().is_terminal else 160)
    with open_store(database_url) as url:
        from benchmarks.contestants.registry import CONTESTANTS
        from benchmarks.data import Shape, fill, occupied
        from benchmarks.plot import draw
        from benchmarks.report import report
        from benchmarks.run import Extent, run

        names = [name.strip() for name in contestants.split(",") if name.strip()] or list(CONTESTANTS)
        keys = [key.strip().upper() for key in operations.split(",")]
        if unknown := [*({*names} - {*CONTESTANTS}), *({*keys} - {*"ABCD"})]:
            raise typer.BadParameter(f"unknown: {', '.join(unknown)}; contestants are {', '.join(CONTESTANTS)}")
        shape = Shape(200) if quick else Shape(locations)
        extent = Extent(
            5 if quick else rounds, at_once=at_once, distinct=50 if quick else 1000, connections=connections
        )
        with occupied(url):
            console.print(f"filling the store with {shape.items:,} items")
            fill(url, shape)
            results = asyncio.run(run(url, shape, keys, names, extent, console.print))
    report(results, console)
    results.write(json)
    draw(results, plot)
    console.print(f"written: {json}, {plot}")


if __name__ == "__main__":
    typer.run(main)
