"""The contestants by name. One whose library or module is absent is left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import cast

from benchmarks.contestants.contestant import Contestant

CONTESTANTS = {
    "plan": "plan:Plan",
    "resolver path": "resolver_path:ResolverPath",
    "strawberry-django": "optimizer:Optimizer",
    "limit psycopg": "limit_psycopg:LimitPsycopg",
    "limit asyncpg": "limit_asyncpg:LimitAsyncpg",
}
LIMITS = ("limit psycopg", "limit asyncpg")
REFERENCE = "resolver path"


def contestants(
    names: Iterable[str], database_url: str, connections: int
) -> tuple[dict[str, Contestant], dict[str, str]]:
    """The contestants of these names, not yet open, and for every one left out the reason."""
    found: dict[str, Contestant] = {}
    absent: dict[str, str] = {}
    for name in names:
        module, _, class_name = CONTESTANTS[name].partition(":")
        try:
            made = getattr(import_module(f"benchmarks.contestants.{module}"), class_name)
        except ImportError as error:
            absent[name] = str(error)
        else:
            found[name] = cast("Contestant", made(database_url, connections))
    return found, absent
