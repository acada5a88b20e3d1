"""Prints results as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks.contestants.registry import LIMITS
from benchmarks.operations import OPERATIONS
from benchmarks.results import Measurement, Results

NOTHING = "-"


def report(results: Results, console: Console) -> None:
    """Print everything that was found."""
    for name, value in results.machine.items():
        console.print(f"[bold]{name}[/bold]: {value}", highlight=False)
    for name, reason in results.absent.items():
        console.print(f"[yellow]left out[/yellow]: {name}: {reason}", highlight=False)
    for key, at_once in dict.fromkeys((found.operation, found.at_once) for found in results.measurements):
        console.print(operation_table(results, key, at_once))
    for table in (burden_table(results), growth_table(results)):
        if table.row_count:
            console.print(table)
    if found := results.compiling:
        console.print(
            f"[bold]plans[/bold]: first answer {found.first_ms:.1f} ms, second {found.again_ms:.2f} ms; after"
            f" {found.distinct:,} distinct operations {found.remembered:,} remembered, {found.bytes_each / 1e3:.0f} KB"
            " each",
            highlight=False,
        )


def operation_table(results: Results, key: str, at_once: int) -> Table:
    """One operation: a row a contestant, ratios against each limit."""
    found = results.of(key, at_once)
    title = f"{key}  {OPERATIONS[key].title}, {at_once} at once, {found[0].requests} requests, {found[0].body:,} bytes"
    table = Table(title=title, title_justify="left")
    table.add_column("contestant", no_wrap=True)
    for heading in ("p50 ms", "p99 ms", "Python CPU", "PG CPU", "SQL", "per s"):
        table.add_column(heading, justify="right")
    limits = [name for name in LIMITS if results.find(key, at_once, name)]
    for name in limits:
        driver = name.removeprefix("limit ")
        table.add_column(f"wall / {driver}", justify="right")
        table.add_column(f"CPU / {driver}", justify="right")
    for row in found:
        ratios = [ratio for name in limits for ratio in ratios_of(row, results.find(key, at_once, name))]
        table.add_row(
            row.contestant,
            f"{row.wall_p50:.2f}",
            f"{row.wall_p99:.2f}",
            f"{row.python_cpu:.3f}",
            NOTHING if row.postgres_cpu is None else f"{row.postgres_cpu:.2f}",
            f"{row.statements:.3g}",
            f"{row.per_second:,.0f}",
            *ratios,
        )
    return table


def ratios_of(row: Measurement, limit: Measurement) -> tuple[str, str]:
    """(wall, Python CPU) as multiples of the limit's."""
    return f"{row.wall_p50 / limit.wall_p50:.2f}", f"{row.python_cpu / limit.python_cpu:.2f}"


def burden_table(results: Results) -> Table:
    """A row an operation and contestant."""
    table = Table(title="Event loop and memory, one request", title_justify="left")
    for heading in ("operation", "contestant", "longest hold ms", "peak Python memory KB"):
        table.add_column(heading, justify="left" if heading in {"operation", "contestant"} else "right")
    for found in results.burdens:
        held, peak = f"{found.longest_hold_ms:.1f}", f"{found.peak_bytes / 1e3:,.0f}"
        table.add_row(found.operation, found.contestant, held, peak)
    return table


def growth_table(results: Results) -> Table:
    """Operation D by length: wall, and Python CPU an item."""
    table = Table(title="D  growth: wall ms (Python CPU µs an item)", title_justify="left")
    table.add_column("contestant")
    for size, _, _ in results.growth[0].points if results.growth else ():
        table.add_column(f"{size:,}", justify="right")
    table.add_column("slope, ms / 1,000 items", justify="right")
    for found in results.growth:
        cells = [f"{wall:.1f} ({cpu / size * 1e3:.2f})" for size, wall, cpu in found.points]
        table.add_row(found.contestant, *cells, f"{found.slope:.2f}")
    return table
