"""The state of the streams as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table

from gateway.reports.runs import told
from sync.status import ConcernStatus, StreamStatus

PLAIN_WIDTH = 160


def print_status(streams: Sequence[StreamStatus]) -> None:
    """Print the table, then what the last runs refused to believe."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    table = Table(box=box.SIMPLE)
    for heading in ("source", "stream", "last run", "when", "units confirmed", "oldest confirmation", "freshness"):
        table.add_column(heading, overflow="fold")
    for stream in streams:
        for row in rows(stream):
            table.add_row(*row)
    console.print(table)
    for stream in streams:
        name = f"{stream.source}/{stream.stream}"
        if stream.last_run and stream.last_run.error:
            console.print(f"{name}: {stream.last_run.error}", soft_wrap=True)
        for unit in stream.held:
            console.print(f"{name}: {unit} is held back until the supplier says it again", soft_wrap=True)
        for problem in stream.problems:
            console.print(f"{name}: {told(problem)}", soft_wrap=True)


def rows(stream: StreamStatus) -> list[list[str]]:
    """A line per concern; the stream itself is named on the first."""
    last = stream.last_run
    run = [stream.source, stream.stream, last.state if last else "never ran", moment(last.started_at if last else None)]
    concerns = [described(concern) for concern in stream.concerns] or [["", "", ""]]
    return [[*(run if place == 0 else ["", "", "", ""]), *concern] for place, concern in enumerate(concerns)]


def described(concern: ConcernStatus) -> list[str]:
    confirmed = f"{concern.concern}: {concern.confirmed} of {concern.units}"
    return [confirmed, moment(concern.oldest), concern.freshness.value]


def moment(at: datetime | None) -> str:
    """UTC to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%SZ") if at else "never"
