"""``larder manage``: Django's own commands on Larder's store."""

from __future__ import annotations

from typing import Annotated

import typer

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def manage(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="COMMAND...", help="It, and its arguments.")] = None,
) -> None:
    """Run a Django command, such as createsuperuser."""
    from django.core.management import execute_from_command_line

    from gateway.stores import open_store

    with open_store():
        execute_from_command_line(["larder manage", *(arguments or ["help"])])
