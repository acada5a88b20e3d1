"""Prints what a run over HTTP found as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks.http.results import Figures, Results

NOTHING = "-"


def report(results: Results, console: Console) -> None:
    """Print everything."""
    for name, value in results.machine.items():
        console.print(f"[bold]{name}[/bold]: {value}", highlight=False)
    for section, connections in dict.fromkeys((found.section, found.connections) for found in results.figures):
        console.print(section_table(results, section, connections))
    if results.refreshed:
        console.print(refresh_table(results))


def section_table(results: Results, section: str, connections: int) -> Table:
    """A row a contestant."""
    found = results.of(section, connections)
    title = f"{section}, {connections} connections, {found[0].rounds} rounds, {found[0].body:,} bytes"
    table = Table(title=title, title_justify="left")
    table.add_column("contestant", no_wrap=True)
    for heading in (
        "per s",
        "CPU µs",
        "busy",
        "p50 ms",
        "p99 ms",
        "p999 ms",
        "speed",
        "least",
        "CPU ratio",
        "SQL",
        "failed",
    ):
        table.add_column(heading, justify="right")
    for row in found:
        table.add_row(row.contestant, *cells(row))
    return table


def cells(row: Figures) -> tuple[str, ...]:
    """One row: medians, then multiples of the reference."""
    return (
        f"{row.per_second:,.0f}",
        f"{row.cpu_us:,.1f}",
        f"{row.busy:.0%}",
        f"{row.p50:.2f}",
        f"{row.p99:.2f}",
        f"{row.p999:.2f}",
        f"{row.speed:.2f}",
        f"{row.speed_least:.2f}",
        f"{row.cpu:.2f}",
        NOTHING if row.statements is None else f"{row.statements:.3g}",
        f"{row.refused} + {row.broken}" if row.refused or row.broken else NOTHING,
    )


def refresh_table(results: Results) -> Table:
    """A row with, a row without."""
    table = Table(title="Hits in the second after a publish that outdates every answer", title_justify="left")
    table.add_column("hot refresh")
    for heading in ("publishes", "requests", "1st quarter", "2nd", "3rd", "4th", "all", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for found in results.refreshed:
        table.add_row(
            "on" if found.hot_refresh else "off",
            str(found.publishes),
            str(found.requests),
            *(f"{share:.0%}" for share in found.hits),
            f"{found.share:.0%}",
            f"{found.p50:.2f}",
            f"{found.p99:.2f}",
        )
    return table
