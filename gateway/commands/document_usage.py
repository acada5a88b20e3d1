"""``larder documents usage`` and ``prune``: what is asked for, and what nobody asks for."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from gateway.commands.documents import AsJson, MaybeClient, run

LAST = 30
UNITS = {"d": 1, "w": 7}


def days(text: str) -> int:
    """Days of a duration such as 90d or 12w."""
    match = re.fullmatch(r"([0-9]{1,5})([dw])", text)
    if not match:
        raise typer.BadParameter(f"a number of days or weeks, such as 90d or 12w (got {text!r})")
    return int(match[1]) * UNITS[match[2]]


def usage(
    client: MaybeClient = None,
    last: Annotated[
        int | None, typer.Option(parser=days, metavar="DAYS", help="Of how many days, such as 12w.", show_default="30d")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many lines.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List documents by how often they were asked for."""
    from gateway.reports.tables import print_records, wants_json
    from persisted_queries.usage import read_usage

    found = run(
        lambda connection: read_usage(connection, days=LAST if last is None else last, client=client, limit=limit)
    )
    columns = ("operation_name", "client", "count", "first_day", "last_day", "sha256")
    print_records(found, {name.replace("_", " "): name for name in columns}, as_json=wants_json(as_json))


def prune(
    unused_for: Annotated[int, typer.Option(parser=days, metavar="DAYS", help="How long, such as 90d.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List them, remove none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove documents that nobody asks for. Only those that no active and no pending deployment holds."""
    from gateway.reports.tables import print_records, wants_json
    from persisted_queries.pruning import prune

    found = run(lambda connection: prune(connection, unused_for, dry_run=dry_run))
    columns = ("operation_name", "bytes", "last_day", "sha256")
    print_records(found, {name.replace("_", " "): name for name in columns}, as_json=wants_json(as_json))
    typer.echo(f"{len(found)} documents {'would be' if dry_run else 'were'} removed", err=True)
