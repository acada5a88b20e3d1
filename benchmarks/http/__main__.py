"""``python -m benchmarks.http``: the gateway over HTTP beside its limits. docs/benchmarks.md says how to read it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.http.cores import divide
from benchmarks.http.wrk import NoWrk, find_wrk
from benchmarks.store import FOLDER, open_store

OUTPUT = Path(__file__).parent.parent / "results" / "http.json"


def main(
    sections: Annotated[str, typer.Option(help="Which of hits,layers,misses,refresh,overload.")] = (
        "hits,layers,misses,refresh,overload"
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; each contestant has a turn in each.")] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="How long a turn takes.")] = 2,
    connections: Annotated[str, typer.Option(help="Connections at once, with commas.")] = "1,16,64",
    locations: Annotated[int, typer.Option(min=60, help="Locations of 80 items.")] = 2000,
    quick: Annotated[bool, typer.Option("--quick", help="200 locations, 2 rounds of a second.")] = False,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench.")
    ] = None,
    json: Annotated[Path, typer.Option(help="Where the results go.")] = OUTPUT,
) -> None:
    """Measure, print tables, write JSON."""
    console = Console(width=None if Console().is_terminal else 160)
    try:
        find_wrk()
    except NoWrk as missing:
        console.print(f"left out: the benchmark over HTTP: {missing}")
        sys.exit(1)
    cores = divide()
    cores.keep_others()
    with open_store(database_url) as url, tempfile.TemporaryDirectory(prefix="larder-bench-") as folder:
        from benchmarks.data import Shape, fill, occupied
        from benchmarks.http.report import report
        from benchmarks.http.run import SECTIONS, Run
        from benchmarks.http.sections import Extent

        wanted = [name.strip() for name in sections.split(",")]
        if unknown := {*wanted} - {*SECTIONS}:
            raise typer.BadParameter(f"unknown: {', '.join(sorted(unknown))}; sections are {', '.join(SECTIONS)}")
        at_once = tuple(int(count) for count in connections.split(","))
        shape = Shape(200) if quick else Shape(locations)
        extent = Extent(2, 1, at_once) if quick else Extent(rounds, seconds, at_once)
        with occupied(url):
            console.print(f"filling the store with {shape.items:,} items")
            fill(url, shape)
            run = Run(url, FOLDER, Path(folder), shape, extent, cores, console.print, console.print)
            results = run.run(wanted)
    report(results, console)
    results.write(json)
    console.print(f"written: {json}")


if __name__ == "__main__":
    typer.run(main)
