"""``larder init``: a project to start with, over the models of Django apps."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig
    from graphql import GraphQLSchema


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; it may not exist yet.")] = Path(),
    *,
    apps: Annotated[
        str, typer.Option(help="Django apps whose models are shown, separated by commas; without it those in DIR.")
    ] = "",
    only_print: Annotated[bool, typer.Option("--print", help="Print the schema, write nothing.")] = False,
) -> None:
    """Write a project to start with. It has settings, a schema over your Django models, a first document, a README.

    A folder without a Django app gets a small one. Overwrites nothing.
    """
    from gateway.errors import GatewayError
    from gateway.starting.project import SCHEMA_MODULE, apps_in, first_document, project_files, write

    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    here = Path.cwd()
    names = [name.strip() for name in apps.split(",") if name.strip()] or apps_in(here)
    written: list[str] = []
    if not names and only_print:
        raise GatewayError(f"{here} has no Django app: name one with --apps")
    if not names:
        from gateway.starting.starter import FILES, NAME

        refuse_any([f"{SCHEMA_MODULE}.py", ".env", "README.md"])
        written += write(here, FILES)
        names = [NAME]
    configs = loaded(names, here)
    from gateway.starting.schema_module import schema_module

    try:
        text = schema_module(configs)
    except ValueError as error:
        raise GatewayError(str(error)) from error
    if only_print:
        typer.echo(text, nl=False)
        return
    document = first_document(built(text))
    written += write(here, {f"{SCHEMA_MODULE}.py": text, **project_files(configs, document)})
    for name in written:
        typer.echo(f"wrote {name}")
    typer.echo("README.md says what to run next")


def refuse_any(names: Sequence[str]) -> None:
    """Raises ``GatewayError`` where one of the files exists."""
    from gateway.errors import GatewayError

    if there := [name for name in names if Path(name).exists()]:
        raise GatewayError(f"{', '.join(there)} exists already: nothing was written")


def loaded(names: Sequence[str], folder: Path) -> list[AppConfig]:
    """The apps of these names, with Django set up over them. Raises ``GatewayError`` for those that do not load."""
    from gateway.errors import GatewayError
    from gateway.projects import enter_project, refuse_hidden
    from gateway.starting.project import SCHEMA_MODULE

    enter_project(folder)
    os.environ["LARDER_APPS"] = ",".join(names)
    os.environ["LARDER_SCHEMA"] = f"{SCHEMA_MODULE}:schema"
    refuse_hidden(folder)
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    from gateway.stores import set_up_django

    try:
        set_up_django()
    except (ImportError, ImproperlyConfigured, RuntimeError) as error:
        shown = " ".join(str(error).split())
        raise GatewayError(f"--apps {','.join(names)}: {type(error).__name__}: {shown}") from error
    found = [config for config in apps.get_app_configs() if {config.name, full_name(config)} & set(names)]
    if not found:
        raise GatewayError(f"--apps {','.join(names)}: the Django settings install no such app")
    return found


def full_name(config: AppConfig) -> str:
    """The class of an app, as INSTALLED_APPS may name it."""
    return f"{type(config).__module__}.{type(config).__qualname__}"


def built(text: str) -> GraphQLSchema:
    """The GraphQL schema that a module declares: what is written has been tried."""
    from types import ModuleType

    from gateway.starting.project import SCHEMA_MODULE

    module = sys.modules[SCHEMA_MODULE] = ModuleType(SCHEMA_MODULE)
    exec(compile(text, f"{SCHEMA_MODULE}.py", "exec"), module.__dict__)  # noqa: S102 - made by us a moment ago
    found: GraphQLSchema = module.schema._schema  # noqa: SLF001 - strawberry exposes no other way to it
    return found
