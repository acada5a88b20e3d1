"""Short ways for tests to say calls and to read their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from loaders.pipelines.calls import Call, Prepared, Rows
from loaders.pipelines.lanes import PipelineLanes


def call(sql: str, *values: str | bytes | None) -> Call:
    """A call with values in text format, of the types that the statement's casts say."""
    name = hashlib.sha256(sql.encode()).hexdigest()[:32].encode()
    encoded = [value.encode() if isinstance(value, str) else value for value in values]
    return Call(Prepared(name, sql.encode(), (0,) * len(values)), encoded, (0,) * len(values))


def loaded(rows: Sequence[Rows]) -> list[list[tuple[Any, ...]]]:
    return [each.load(0, each.count) for each in rows]


async def ask(lanes: PipelineLanes, *calls: Call) -> list[list[tuple[Any, ...]]]:
    return loaded(await lanes.run(lambda: calls))


async def value(lanes: PipelineLanes, sql: str, *values: str | None) -> Any:
    [[[found]]] = await ask(lanes, call(sql, *values))
    return found


PID = "SELECT pg_backend_pid()"
KILL_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder plan lane'"
