"""``larder keys``: API keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from gateway.identity.keys import Connection, MadeKey

T = TypeVar("T")

OVERLAP = timedelta(days=1)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """A duration such as 30m, 12h, 90d or 12w."""
    match = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if not match:
        raise typer.BadParameter(f"a number of minutes, hours, days or weeks, such as 90d (got {text!r})")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def named(text: str) -> str:
    """A name that can be part of a subject."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text):
        raise typer.BadParameter(f"up to 64 letters, digits, dots, dashes and underscores (got {text!r})")
    return text


def scope(text: str) -> str:
    """A scope (RFC 6749 section 3.3)."""
    if not re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}", text):
        raise typer.BadParameter(f"one scope without blanks (got {text!r})")
    return text


def facet(text: str) -> tuple[str, str]:
    """A facet and its value."""
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals and value):
        raise typer.BadParameter(f"name=value, such as audience=STUDENTS (got {text!r})")
    return name, value


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as is done wherever the output is no terminal.")]
Name = Annotated[str, typer.Argument(parser=named, metavar="NAME", help="Who has the key.")]

app = typer.Typer(help="API keys of clients.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def create(
    name: Name,
    scopes: Annotated[
        list[Any] | None, typer.Option("--scope", parser=scope, help="What it may do; repeatable.")
    ] = None,
    facets: Annotated[
        list[Any] | None, typer.Option("--facet", parser=facet, metavar="NAME=VALUE", help="Repeatable.")
    ] = None,
    expires: Annotated[
        timedelta | None, typer.Option(parser=duration, metavar="DURATION", help="Such as 90d; default never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It is shown this once: only a digest of it is stored."""
    from gateway.identity import keys

    tell(run(lambda connection: keys.create(connection, name, scopes or (), dict(facets or ()), expires)), as_json)


@app.command()
def rotate(
    name: Name,
    overlap: Annotated[
        timedelta | None,
        typer.Option(parser=duration, metavar="DURATION", help="How long the key before is good yet; default 1d."),
    ] = None,
    expires: Annotated[
        timedelta | None, typer.Option(parser=duration, metavar="DURATION", help="Default as the key before.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make another key with the same scopes and facets, and print it. The key before ends after the overlap."""
    from gateway.identity import keys

    tell(
        run(lambda connection: keys.rotate(connection, name, OVERLAP if overlap is None else overlap, expires)), as_json
    )


@app.command()
def revoke(
    which: Annotated[str, typer.Argument(metavar="NAME", help="Whose keys, or the id of one key.")],
    as_json: AsJson = False,
) -> None:
    """Revoke keys: within a second no gateway takes them."""
    from gateway.identity import keys
    from gateway.reports.tables import print_json, wants_json

    ids = run(lambda connection: keys.revoke(connection, which))
    if wants_json(as_json):
        print_json({"revoked": ids})
    else:
        typer.echo(f"revoked: {', '.join(ids)}")


@app.command("list")
def list_keys(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this name's.")] = None,
    as_json: AsJson = False,
) -> None:
    """List keys, without what is secret of them."""
    from gateway.identity import keys
    from gateway.reports.tables import print_records, wants_json

    columns = ("name", "id", "state", "scopes", "facets", "created_at", "expires_at", "last_used_at")
    found = run(lambda connection: keys.listed(connection, name))
    print_records(found, {one.replace("_", " "): one for one in columns}, as_json=wants_json(as_json))


def run(work: Callable[[Connection], Awaitable[T]]) -> T:
    """What ``work`` returns, with the store open and a connection to it."""
    from gateway.stores import open_store

    with open_store() as settings:
        return asyncio.run(connected(settings.database_url, work))


async def connected(database_url: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What ``work`` returns, given a connection of its own. Raises ``GatewayError``."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, prepare_threshold=None, application_name="larder keys"
    ) as connection:
        try:
            return await work(connection)
        except psycopg.errors.UndefinedTable as error:
            raise GatewayError("the store has no table of keys yet: run larder migrate") from error


def tell(made: MadeKey, as_json: bool) -> None:
    """The key, at the only time that it is known."""
    from gateway.reports.tables import cell, print_json, wants_json

    if wants_json(as_json):
        print_json(made)
        return
    typer.echo(
        f"{made.name}: key {made.id}, good until {cell(made.expires_at) or 'it is revoked'}; shown once", err=True
    )
    typer.echo(made.key)
