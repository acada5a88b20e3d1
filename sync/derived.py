"""Columns that are computed when a publish may have changed them, so that lists need not aggregate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from sync.targets import Derived


async def derive(
    connection: psycopg.AsyncConnection[Any], derived: Sequence[Derived], parameters: Mapping[str, Any]
) -> list[str]:
    """Compute them anew for one source inside the publishing transaction. Returns the heads of what changed."""
    return [one.head_name for one in derived if (await connection.execute(one.statement, parameters)).rowcount]
