"""Records on standard output: a table on a terminal, JSON elsewhere or when asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
import typer
from rich import box
from rich.console import Console
from rich.table import Table


def wants_json(asked: bool) -> bool:  # noqa: FBT001 - a command line flag
    """Whether output is for a program: it was asked for, or nobody is looking at a terminal."""
    return asked or not sys.stdout.isatty()


def print_json(value: Any) -> None:
    """Print dataclasses, or lists of them, as JSON."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_records(records: Sequence[Any], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print dataclasses. columns: attribute by heading."""
    if as_json:
        print_json(list(records))
        return
    table = Table(box=box.SIMPLE)
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for record in records:
        table.add_row(*(cell(getattr(record, attribute)) for attribute in columns.values()))
    Console(highlight=False, markup=False).print(table)


def cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
