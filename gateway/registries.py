"""A connection to the registry for a command, and its refusals as the command line tells them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import typer

from gateway.config import Config
from gateway.errors import GatewayError
from persisted_queries.problems import ManifestRefused, RegistryError

T = TypeVar("T")

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


async def connected(settings: Config, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What ``work`` returns, given a connection of its own. Raises ``GatewayError``."""
    async with await psycopg.AsyncConnection.connect(
        settings.database_url, autocommit=True, prepare_threshold=None, application_name="larder documents"
    ) as connection:
        try:
            return await work(connection)
        except RegistryError as error:
            raise told(error) from error
        except psycopg.errors.UndefinedTable as error:
            raise GatewayError("the registry has no tables yet: run larder migrate") from error


def told(error: RegistryError) -> GatewayError:
    """The refusal in one line; each of several problems is printed before it."""
    if not isinstance(error, ManifestRefused) or len(error.problems) == 1:
        return GatewayError(str(error))
    for problem in error.problems:
        typer.echo(str(problem), err=True)
    return GatewayError(f"refused because of {len(error.problems)} problems; nothing was stored")
