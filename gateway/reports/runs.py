"""Runs on the command line: progress while they go on, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.reports.tables import cell
from sync.errors import LeaseTaken, Pinned
from sync.history import RunDetail
from sync.problems import Found
from sync.run import Progress as Step
from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.settings import SourceSettings
from sync.sources import streams_of
from sync.status import documents_of_last_run

SHOWN = 20
BAD = {State.FAILED, State.SUPERSEDED}


async def run_all(sources: Mapping[str, SourceSettings]) -> bool:
    """Run every stream of ``sources`` and print each outcome. Whether all went well."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    well = True
    for source in sources.values():
        for stream in streams_of(source):
            name = f"{source.name}/{stream}"
            try:
                with progress(console, name, await documents_of_last_run(source.name, stream)) as step:
                    report = await run_stream(source, stream, step)
            except (LeaseTaken, Pinned) as exc:
                console.print(f"{name}: skipped, {exc}")
                continue
            well = well and report.state not in BAD
            print_report(report)
    return well


def print_report(report: RunReport) -> None:
    """Print what a run did."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in lines(report):
        console.print(line)


def print_detail(detail: RunDetail) -> None:
    """Print what is kept of a run."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    summary = detail.summary
    for name in summary.__slots__:
        value = getattr(summary, name)
        if name != "holds" and value not in (None, ""):
            console.print(f"{name.replace('_', ' ')}: {cell(value)}")
    for hold in summary.holds:
        where, waits = hold["unit"] or "the whole run", hold["waits_for"]
        console.print(f"held: {where}: {hold['rule']}: {hold['value']} (waits for the {waits})")
    for problem in detail.problems:
        console.print(f"problem: {told(problem)}")
    for answer in detail.answers:
        console.print(f"answer: {answer.request}: {answer.status}, {answer.stored_bytes or 0} bytes stored")


@contextmanager
def progress(console: Console, name: str, expected: int | None) -> Iterator[Callable[[Step], None]]:
    """A bar on a terminal, nothing elsewhere. ``expected`` documents are what the last run asked for."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]} rows"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(name, total=expected, rows=0)

        def step(done: Step) -> None:
            total = max(expected, done.documents) if expected else None
            bar.update(task, completed=done.documents, total=total, rows=done.staged)

        yield step


def lines(report: RunReport) -> Iterator[str]:
    """What a run did, as an operator reads it."""
    asked = f"documents: {report.documents} ({report.unchanged_documents} unchanged, {report.failed_documents} failed)"
    counts = (
        f"{report.inserted} inserted, {report.updated} updated, {report.deleted} deleted, "
        f"{report.unchanged} unchanged, {report.quarantined} quarantined"
    )
    held = f"; held: {len(report.held)}" if report.held else ""
    yield f"{report.source}/{report.stream}: {report.state.value}; {asked}; rows: {counts}{held}"
    if report.error:
        yield f"  error: {report.error}"
    for problem in report.problems[:SHOWN]:
        yield f"  {told(problem)}"
    if len(report.problems) > SHOWN:
        yield f"  and more: larder sync show {report.run_id}"
    for hold in report.holds:
        where = hold.unit or "the whole run"
        yield f"  held: {where} waits for the {hold.waits_for} (larder sync show {report.run_id})"


def told(problem: Found) -> str:
    """A problem in one line: where, which rule, which value."""
    return f"{problem.kind} {problem.key or problem.scope}: {problem.rule}: {problem.value}"
