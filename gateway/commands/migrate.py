"""``larder migrate``: brings the store's tables up to date."""

from __future__ import annotations

from typing import Annotated

import typer


def migrate(quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing.")] = False) -> None:
    """Create or update the tables of the store."""
    from django.core.management import call_command

    from gateway.stores import open_store

    with open_store():
        call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
