"""What ``larder sync check`` found, as an operator reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from sync.problems import Found
from sync.rehearsal import Rehearsed, Row, problems

PROBLEMS = 20
CELL = 40
WIDTH = 160
"""Characters of a line where the output is no terminal."""


def report_console() -> Console:
    """Where reports go: nothing in them is markup, and no line is broken but in tables."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    return console if console.is_terminal else Console(soft_wrap=True, highlight=False, markup=False, width=WIDTH)


def print_rehearsed(console: Console, found: Rehearsed, limit: int, *, compared: bool) -> None:
    """Print what a stream would write. ``limit``: rows shown of each kind. ``compared``: there was a store."""
    console.print(f"{found.source}/{found.stream}: {found.documents} documents, {len(found.failed)} failed")
    console.print(counts(found))
    for kind, rows in found.rows.items():
        if rows and limit:
            console.print(f"  first rows of {kind}:")
            console.print(first_rows(rows, limit))
    broken = list(problems(found))
    for problem in broken[:PROBLEMS]:
        console.print(f"  error: {told(problem)}")
    if len(broken) > PROBLEMS:
        console.print(f"  error: and {len(broken) - PROBLEMS} more")
    for document, names in found.unread.items():
        console.print(f"  unread: {document}: {', '.join(names)}")
    for kind in sorted(found.unsure):
        console.print(
            f"  not checked: whether the {kind} exists that rows refer to, which no stream checked here writes"
        )
    print_comparison(console, found, compared=compared)


def print_comparison(console: Console, found: Rehearsed, *, compared: bool) -> None:
    """Print what the comparison with the store rests on."""
    for stray in found.strays[:PROBLEMS]:
        console.print(f"  skipped: {told(stray)}")
    if len(found.strays) > PROBLEMS:
        console.print(f"  skipped: and {len(found.strays) - PROBLEMS} more")
    if found.sparse and compared:
        console.print("  a sparse stream: what the supplier does not name, of what the store has on offer, is as usual")
    if not compared:
        exceptions = ", and rows of a sparse stream are exceptions to what it has on offer" if found.sparse else ""
        console.print(f"  not compared: no store answers{exceptions}")


def counts(found: Rehearsed) -> Table:
    """Kinds of rows with how many there are, and what would become of them."""
    table = plain_table()
    columns = ["kind", "rows", "refused", *(["tombstones"] if found.tombstones else [])]
    columns += ["inserted", "updated", "unchanged", "deleted"] if found.differences else []
    for name in columns:
        table.add_column(name, justify="left" if name == "kind" else "right")
    refused: dict[str, int] = {}
    for problem in (*found.refused, *found.lost):
        refused[problem.kind] = refused.get(problem.kind, 0) + 1
    for kind in [*found.rows, *(kind for kind in refused if kind not in found.rows)]:
        gone = [len(found.tombstones.get(kind, ()))] if found.tombstones else []
        row: list[int] = [len(found.rows.get(kind, ())), refused.get(kind, 0), *gone]
        if difference := found.differences.get(kind):
            row += [difference.inserted, difference.updated, difference.unchanged, difference.deleted]
        table.add_row(kind, *map(str, row))
    return table


def first_rows(rows: Mapping[str, Row], limit: int) -> Table:
    """The first rows of a kind, without columns that are null in all of them."""
    shown = dict(islice(rows.items(), limit))
    names = dict.fromkeys(name for row in shown.values() for name, value in row.values.items() if value is not None)
    table = plain_table()
    for name in ("key", *names):
        table.add_column(name, no_wrap=True)
    for key, row in shown.items():
        table.add_row(shortened(key), *(shortened(row.values.get(name)) for name in names))
    return table


def plain_table() -> Table:
    return Table(box=box.SIMPLE, pad_edge=True, show_edge=False)


def shortened(value: Any) -> str:
    """A cell: one line, no longer than a reader needs to recognise the value."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= CELL else f"{text[: CELL - 1]}…"


def told(problem: Found) -> str:
    """A problem in one line: what, which rule, which value."""
    return f"{problem.kind} {problem.key or problem.scope or '(unknown)'}: {problem.rule}: {problem.value}"


def print_verdict(console: Console, found: Iterable[Rehearsed], faults: int) -> None:
    """Print the last line: whether everything would be published."""
    broken = faults + sum(len(one.failed) + len(one.refused) + len(one.lost) for one in found)
    console.print("all of it is well; nothing was written" if not broken else f"{broken} errors; nothing was written")
