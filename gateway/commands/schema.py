"""``larder schema``: the GraphQL schema that is served."""

from __future__ import annotations

import typer

from gateway.config import config
from gateway.stores import set_up_django

app = typer.Typer(help="The GraphQL schema that is served.", no_args_is_help=True, rich_markup_mode=None)


@app.command("print")
def print_schema() -> None:
    """Print the schema in GraphQL's schema definition language."""
    from django.utils.module_loading import import_string

    set_up_django()
    typer.echo(import_string(config().schema_path.replace(":", ".")).as_str())


@app.callback()
def group() -> None:
    """Keep `print` a subcommand, though it is the only one."""
