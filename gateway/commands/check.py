"""``larder check``: what of a project will be slow, unsafe or hard to read."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from gateway.errors import GatewayError


class Format(enum.StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


def check(
    as_format: Annotated[Format, typer.Option("--format", help="How findings are printed.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Leave out a rule; may be given several times.")
    ] = None,
) -> None:
    """Say what of a project will be slow or unsafe.

    Reads its schema, models, sources and settings; each finding has a file, a line and what to do. Asks no supplier and
    runs no operation. Exit code 1 if there is an error.
    """
    from gateway.checking.registry import RULES
    from gateway.checking.setting_up import set_up
    from gateway.config import config

    ignored = ignore or []
    if unknown := sorted(set(ignored) - {rule.code for rule in RULES}):
        raise GatewayError(f"--ignore: there is no rule {', '.join(unknown)}; docs/checking.md has them all")
    settings = config()
    set_up()
    from gateway.checking.opening import opened
    from gateway.checking.report import check as check_project
    from gateway.reports.tables import print_json

    with opened(settings) as project:
        report = check_project(project, ignored)
    if as_format is Format.JSON:
        print_json(report.payload())
    else:
        for line in report.lines():
            typer.echo(line)
    raise typer.Exit(report.fails(strict=strict))
